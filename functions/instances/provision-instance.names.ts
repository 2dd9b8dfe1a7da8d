/** Names of the workflow and its activities on the outside (task hub, portal, logs). */
export const provisionInstanceOrchestrator = "provision-instance";

export const activity = {
  begin: "begin-deployment",
  check: "check-deployment",
  prepare: "prepare-instance",
  activate: "activate-instance",
  fail: "fail-instance",
  placeWaiting: "place-waiting-tenants",
} as const;

/** The workflow's id derives from the instance's, so that starting it twice is one workflow. */
export const workflowIdOf = (instanceId: string): string => `provision-${instanceId}`;
