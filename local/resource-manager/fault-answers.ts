import { setTimeout as delay } from "node:timers/promises";
import type { AnswerFault } from "./fault-rules.ts";
import type { ArmResponse, Reply, RequestTarget } from "./http-server.ts";

const bodies = {
  500: { code: "InternalServerError", message: "The server encountered an internal error. Please retry the request." },
  502: { code: "BadGateway", message: "The gateway did not receive a response from the resource provider." },
  503: { code: "ServiceUnavailable", message: "The service is temporarily unavailable. Please try again." },
  504: { code: "GatewayTimeout", message: "The gateway did not receive a response within the specified time period." },
} as const;

const html = (title: string): string =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center></body>\r\n</html>\r\n`;

const refusal = (
  status: number,
  error: { readonly code: string; readonly message: string },
  headers: Readonly<Record<string, string>> = {},
): ArmResponse => ({ status, headers: { "x-ms-failure-cause": "gateway", ...headers }, body: { error } });

const retryAfter = (seconds: number | undefined): Record<string, string> =>
  seconds === undefined ? {} : { "retry-after": String(seconds) };

const kindOf = (method: string): "reads" | "writes" | "deletes" =>
  method === "GET" || method === "HEAD" ? "reads" : method === "DELETE" ? "deletes" : "writes";

const throttled = ({ method, subscriptionId }: RequestTarget, seconds: number): ArmResponse => {
  const kind = kindOf(method);
  const message =
    `Number of '${kind}' requests for subscription '${subscriptionId}' exceeded. ` +
    `Please try again after '${seconds}' seconds after additional tokens are available.`;
  return refusal(
    429,
    { code: "SubscriptionRequestsThrottled", message },
    { ...retryAfter(seconds), [`x-ms-ratelimit-remaining-subscription-${kind}`]: "0" },
  );
};

const serverError = (fault: Extract<AnswerFault, { kind: "server-error" }>): ArmResponse => {
  const { status, body } = fault;
  const headers = retryAfter(fault.retryAfterSeconds);
  if (body === "none") return { status, headers };
  if (body === "html") return { status, headers, html: html(`${status} ${bodies[status].code}`) };
  return refusal(status, bodies[status], headers);
};

const conflict = ({ path }: RequestTarget, code: "DeploymentActive" | "Conflict"): ArmResponse => {
  const name = path.split("/").at(-1) ?? "";
  const message =
    code === "DeploymentActive"
      ? `The deployment with resource id '${path}' cannot be saved, because this would overwrite an existing deployment which is still active.`
      : `Another operation is in progress on '${name}'. Please try again later.`;
  return refusal(409, { code, message });
};

const locked = ({ path, method }: RequestTarget): ArmResponse => {
  const verb = method === "DELETE" ? "delete" : "write";
  const scope = /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+/i.exec(path)?.[0] ?? path;
  const message =
    `The scope '${path}' cannot perform ${verb} operation because following scope(s) are locked: '${scope}'. ` +
    "Please remove the lock and try again.";
  return refusal(409, { code: "ScopeLocked", message });
};

const expiredToken = (): ArmResponse => {
  const message = "The access token expiry UTC time is earlier than current UTC time.";
  return refusal(
    401,
    { code: "ExpiredAuthenticationToken", message },
    { "www-authenticate": `Bearer error="invalid_token", error_description="${message}"` },
  );
};

const truncated = (reply: Reply): Reply =>
  "connection" in reply || reply.body === undefined ? reply : { ...reply, isTruncated: true };

const slowed = (reply: Reply, retryAfterSeconds: number | undefined): Reply =>
  "connection" in reply || reply.headers?.["retry-after"] === undefined
    ? reply
    : { ...reply, headers: { ...reply.headers, ...retryAfter(retryAfterSeconds) } };

const after = async (when: "before" | "after", act: () => Promise<Reply>): Promise<void> => {
  if (when === "after") await act();
};

const garbage = async (body: "html" | "truncated-json", act: () => Promise<Reply>): Promise<Reply> =>
  body === "html" ? { status: 200, html: html("Our services are not available") } : truncated(await act());

/** The answer to a request that this fault happens to; `act` does what was asked for, if the fault lets it come to that. */
export const answerWith = async (
  fault: AnswerFault,
  target: RequestTarget,
  act: () => Promise<Reply>,
): Promise<Reply> => {
  switch (fault.kind) {
    case "slow":
      await delay(fault.milliseconds, undefined, { ref: false });
      return slowed(await act(), fault.retryAfterSeconds);
    case "throttled":
      return throttled(target, fault.retryAfterSeconds);
    case "server-error":
      await after(fault.when, act);
      return serverError(fault);
    case "conflict":
      return conflict(target, fault.code);
    case "locked":
      return locked(target);
    case "expired-token":
      return expiredToken();
    case "reset":
      await after(fault.when, act);
      return { connection: "reset" };
    case "hang":
      return { connection: "hang" };
    case "garbage":
      return garbage(fault.body, act);
  }
};
