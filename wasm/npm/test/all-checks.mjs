// Every check there is, by name.

import { checks } from "./checks.mjs";
import { operationChecks } from "./operation-checks.mjs";
import { operationResidueChecks } from "./operation-residue-checks.mjs";
import { residueChecks } from "./residue-checks.mjs";

export const allChecks = {
  ...checks,
  ...operationChecks,
  ...residueChecks,
  ...operationResidueChecks,
};
