import { z } from "zod";

const AlertUrl = z.url({ protocol: /^https?$/ });

/** What operators may set for the app from outside, by the names it has in the cloud as well. */
export interface OperatorSettings {
  readonly ALERT_WEBHOOK_URL?: string;
}

/** @throws Error for an address that the app would refuse, before anything is started */
export const readOperatorSettings = (environment: NodeJS.ProcessEnv): OperatorSettings => {
  const url = environment["ALERT_WEBHOOK_URL"];
  if (url === undefined || url === "") return {};
  if (AlertUrl.safeParse(url).success) return { ALERT_WEBHOOK_URL: url };
  // It may hold a key, so it is not repeated.
  throw new Error("ALERT_WEBHOOK_URL is not an http or https address. Correct it, or unset it to send no alerts.");
};
