/** Names of the instances' workflows and their activities on the outside (task hub, portal, logs). */
export const orchestrator = {
  "provision-instance": "provision-instance",
  "retire-instance": "retire-instance",
} as const;

export const isOfInstances = (kind: string): kind is keyof typeof orchestrator => Object.hasOwn(orchestrator, kind);

export const activity = {
  check: "check-deployment-plan",
  deploy: "begin-deployment",
  await: "check-deployment",
  prepare: "prepare-instance",
  activate: "activate-instance",
  undo: "undo-provisioning",
  remove: "remove-instance",
  placeWaiting: "place-waiting-tenants",
} as const;

/** Raised when the operation's document says something new: whoever waits in a timer looks at once. */
export const wakeEvent = "wake";

/** The workflow's id derives from the operation's: an attempt is one workflow, and a new attempt another one. */
export const workflowIdOf = (operationId: string): string => `instance-${operationId}`;
