// Every check there is, by name.

import { argumentChecks } from "./argument-checks.mjs";
import { attenuationChecks } from "./attenuation-checks.mjs";
import { checks } from "./checks.mjs";
import { encodingChecks } from "./encoding-checks.mjs";
import { hostileChecks } from "./hostile-checks.mjs";
import { operationChecks } from "./operation-checks.mjs";
import { operationResidueChecks } from "./operation-residue-checks.mjs";
import { residueChecks } from "./residue-checks.mjs";
import { vectorChecks } from "./vector-checks.mjs";
import { webCryptoChecks } from "./webcrypto-checks.mjs";
import { workerChecks } from "./worker-checks.mjs";

export const allChecks = {
  // First, while linear memory is small: it is searched often.
  ...hostileChecks,
  ...residueChecks,
  ...operationResidueChecks,
  ...encodingChecks,
  ...webCryptoChecks,
  ...argumentChecks,
  ...vectorChecks,
  ...operationChecks,
  ...attenuationChecks,
  ...checks,
  ...workerChecks,
};
