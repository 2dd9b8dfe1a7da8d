import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** Debian's packages ask this program before they start a service (policy-rc.d of invoke-rc.d(8)). */
export const debianPolicyFile = "/usr/sbin/policy-rc.d";

const mark = "# kombify installs packages and wants none of their services started.";
/** 101: the action is forbidden. */
const refusal = `#!/bin/sh\n${mark}\nexit 101\n`;
const savedName = (policyFile: string): string => `${policyFile}.before-kombify`;

/** Puts back what was there before an installation, also one that was killed. Does nothing when there is nothing of ours. */
export const restoreServicePolicy = (policyFile: string): void => {
  if (existsSync(policyFile) && readFileSync(policyFile, "utf8").includes(mark)) rmSync(policyFile);
  if (existsSync(savedName(policyFile))) renameSync(savedName(policyFile), policyFile);
};

/** Installs something without having its services started. Nobody else may do the same meanwhile. */
export const withoutServiceStarts = async (policyFile: string, install: () => Promise<void>): Promise<void> => {
  restoreServicePolicy(policyFile);
  if (existsSync(policyFile)) renameSync(policyFile, savedName(policyFile));
  writeFileSync(policyFile, refusal, { mode: 0o755 });
  try {
    await install();
  } finally {
    restoreServicePolicy(policyFile);
  }
};
