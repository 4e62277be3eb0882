"use client";

import { useEffect } from "react";
import * as strongroom from "strongroom";
import { use } from "../../use.mjs";

export default function Page() {
  useEffect(() => {
    document.body.dataset.report = use(strongroom);
  }, []);
  return <p>A client component</p>;
}
