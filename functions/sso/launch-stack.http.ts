import type { LaunchStack } from "../../shared/sso/launch-stack.ts";
import { launchPage, launchPageHeaders } from "../../shared/sso/launch-page.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";

interface Deps {
  readonly readCaller: ReadCaller;
  readonly launchStack: LaunchStack;
}

/** A page only for those who ask for one and do not also ask for JSON. */
const wantsPage = (accept: string | null): boolean =>
  accept !== null && accept.includes("text/html") && !accept.includes("application/json");

/** `POST /api/tenant/launch`: the token and where to post it, as JSON or as a page that posts itself. */
export const launchStackHttp = ({ readCaller, launchStack }: Deps): HttpFunction => ({
  name: "launch-stack",
  method: "POST",
  route: "api/tenant/launch",
  access: "gateway",
  handler: async (request) => {
    const launch = await launchStack(await readCaller(request));
    if (!wantsPage(request.headers.get("accept"))) return json(200, launch, { "referrer-policy": "no-referrer" });
    return { status: 200, headers: launchPageHeaders(launch), body: launchPage(launch) };
  },
});
