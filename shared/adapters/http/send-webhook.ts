import type { SendWebhook } from "../../health/ports.ts";

const answerOf = async (response: Response): Promise<{ readonly isAccepted: boolean; readonly detail: string }> => {
  await response.body?.cancel();
  return { isAccepted: response.ok, detail: `status ${response.status}` };
};

/** Posts over HTTP. 2xx is acceptance; a redirect is not followed, for the signature is meant for this receiver only. */
export const httpSendWebhook =
  (timeoutMilliseconds: number): SendWebhook =>
  async ({ url, headers, body }) => {
    try {
      return await answerOf(
        await fetch(url, {
          method: "POST",
          headers: { ...headers },
          body,
          redirect: "manual",
          signal: AbortSignal.timeout(timeoutMilliseconds),
        }),
      );
    } catch (error) {
      // Only the kind of failure: a URL with a token in it may be part of the message.
      return { isAccepted: false, detail: error instanceof Error ? error.name : "unknown failure" };
    }
  };
