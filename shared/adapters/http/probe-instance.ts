import { z } from "zod";
import type { ProbeInstance, ProbeOutcome } from "../../health/ports.ts";
import type { LocateInstance } from "../../stack/stack.ts";
import { readBounded } from "./read-bounded.ts";

const HealthDocument = z.object({
  status: z.enum(["healthy", "degraded"]),
  version: z
    .string()
    .regex(/^[\w.+-]{1,64}$/)
    .optional()
    .catch(undefined),
  checks: z.record(z.string().max(40), z.string()).optional().catch(undefined),
});

const bodyBytesMax = 64 * 1024;
const failedChecksMax = 5;

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "The connection was refused.",
  ECONNRESET: "The connection was cut.",
  UND_ERR_SOCKET: "The connection was cut.",
  ENOTFOUND: "Its name does not resolve.",
  EAI_AGAIN: "Its name does not resolve at the moment.",
  EHOSTUNREACH: "There is no way to its host.",
  ENETUNREACH: "There is no way to its network.",
};

/** What lies at the bottom of a failed fetch; its own message says only that it failed. */
const bottomOf = (error: unknown): unknown =>
  error instanceof Error && error.cause !== undefined ? bottomOf(error.cause) : error;

const silence = (error: unknown, timeoutMilliseconds: number): ProbeOutcome => {
  const bottom = bottomOf(error);
  const name = bottom instanceof Error ? bottom.name : "unknown";
  const code = bottom instanceof Error && "code" in bottom ? String(bottom.code) : name;
  if (name === "TimeoutError")
    return { kind: "silent", cause: `No answer within ${timeoutMilliseconds / 1000} seconds.` };
  if (name === "HTTPParserError") {
    return { kind: "wrong", latencyMilliseconds: 0, cause: "It answered with something that is not HTTP." };
  }
  return { kind: "silent", cause: reasons[code] ?? `It could not be reached (${code}).` };
};

const readDocument = (text: string): z.infer<typeof HealthDocument> | undefined => {
  try {
    return HealthDocument.parse(JSON.parse(text));
  } catch {
    // Whatever it is, it is not a health document; the outcome says so.
    return undefined;
  }
};

const judge = async (response: Response, begin: number): Promise<ProbeOutcome> => {
  const text = await readBounded(response, bodyBytesMax);
  const latencyMilliseconds = performance.now() - begin;
  const wrong = (cause: string): ProbeOutcome => ({ kind: "wrong", latencyMilliseconds, cause });
  if (response.status >= 300 && response.status < 400)
    return wrong("It answered with a redirect, which is not followed.");
  if (response.status !== 200) return wrong(`It answered with status ${response.status}.`);
  if (text === undefined) return wrong(`Its answer is larger than ${bodyBytesMax / 1024} KiB.`);
  const document = readDocument(text);
  if (document === undefined) return wrong("Its answer is not a health document.");
  const failedChecks = Object.entries(document.checks ?? {})
    .filter(([name, outcome]) => outcome !== "ok" && /^[\w-]+$/.test(name))
    .map(([name]) => name)
    .slice(0, failedChecksMax);
  const version = document.version ?? null;
  return { kind: "answered", latencyMilliseconds, status: document.status, failedChecks, version };
};

/** What `locate` says, or undefined when the instance does not run. */
const whereabouts = (locate: LocateInstance, instanceId: string): Promise<string | undefined> =>
  locate(instanceId).catch(() => undefined);

/** Asks instances over HTTP, where `locate` says they are if endpoints change. One deadline covers the connection, the headers and the whole body. */
export const httpProbeInstance =
  (timeoutMilliseconds: number, locate?: LocateInstance): ProbeInstance =>
  async (endpoint, instanceId) => {
    const base = locate === undefined ? endpoint : await whereabouts(locate, instanceId);
    if (base === undefined) return { kind: "silent", cause: "It does not run." };
    const begin = performance.now();
    try {
      const response = await fetch(`${base.replace(/\/+$/, "")}/health`, {
        redirect: "manual",
        headers: { accept: "application/json", "user-agent": "kombify-health" },
        signal: AbortSignal.timeout(timeoutMilliseconds),
      });
      return await judge(response, begin);
    } catch (error) {
      return silence(error, timeoutMilliseconds);
    }
  };
