/** Bounds of an instance's provisioning as the workflow applies them; all pure, so that replays decide the same. */
const pollSecondsMin = 1;
const pollSecondsMax = 30;
const readinessAttemptsMax = 60;

/** Seconds until the deployment is looked at again; the resource manager's wish within our bounds. */
export const pollDelaySeconds = (retryAfterSeconds: number): number =>
  Math.min(pollSecondsMax, Math.max(pollSecondsMin, retryAfterSeconds));

export type AfterPrepare =
  { readonly do: "activate" } | { readonly do: "wait"; readonly seconds: number } | { readonly do: "give-up" };

/** What follows attempt number `attempt` (from 1) to ready an instance: early ones come quickly, later ones every 10 s. */
export const afterPrepare = (isPrepared: boolean, attempt: number): AfterPrepare => {
  if (isPrepared) return { do: "activate" };
  return attempt >= readinessAttemptsMax ? { do: "give-up" } : { do: "wait", seconds: Math.min(10, attempt) };
};
