import type { HttpRequest, HttpResponseInit, InvocationContext } from "@azure/functions";
import type { DashboardSession, Sessions } from "../../shared/dashboard/sessions.ts";
import type { ReadToken } from "../../shared/dashboard/sign-in.ts";
import type { Caller } from "../../shared/gateway/caller.ts";
import { requireOperator } from "../../shared/gateway/caller.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { DashboardCookies } from "./cookies.ts";
import { failurePage, signedOutPage } from "./message-page.ts";
import type { Visitor, WritePage } from "./shell.ts";
import { redirect } from "./shell.ts";

export interface Visit {
  readonly session: DashboardSession;
  readonly caller: Caller;
  readonly visitor: Visitor;
}

interface Deps {
  readonly sessions: Sessions;
  readonly readToken: ReadToken;
  readonly cookies: DashboardCookies;
  readonly writePage: WritePage;
}

type Opened = { readonly kind: "signed-in"; readonly visit: Visit } | { readonly kind: "signed-out" | "over" };

export type Act = (visit: Visit, request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;
export type VisitHandler = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;

/** The page's script asks with this header: it is told that the session is over instead of being sent elsewhere. */
const liveHeader = "x-kombify-live";

const makeOpen =
  ({ sessions, readToken, cookies }: Deps) =>
  async (request: HttpRequest): Promise<Opened> => {
    const sealed = cookies.session.read(request);
    if (sealed === undefined || sealed === "") return { kind: "signed-out" };
    const session = await sessions.open(sealed);
    if (session === undefined) return { kind: "over" };
    try {
      const { caller } = await readToken(session.accessToken);
      const name = caller.name ?? caller.email ?? caller.sub;
      return { kind: "signed-in", visit: { session, caller, visitor: { name, formToken: session.formToken } } };
    } catch (error) {
      if (error instanceof DomainError && error.code === "unauthenticated") return { kind: "over" };
      throw error;
    }
  };

/** Whatever goes wrong becomes a page. */
export const asPage =
  (writePage: WritePage, act: VisitHandler): VisitHandler =>
  async (request, context) => {
    try {
      return await act(request, context);
    } catch (error) {
      const requestId = request.headers.get("x-request-id")?.slice(0, 100);
      return failurePage(writePage, { error, requestId, context });
    }
  };

/**
 * Lets signed-in people in, `operators` only unless said otherwise; the token is verified on every request. A session that
 * is over is forgotten on the way to the sign-in, so that a second refusal ends on a page.
 */
export const makeVisits = (deps: Deps) => {
  const open = makeOpen(deps);
  const { cookies, writePage } = deps;
  return (act: Act, allowed: "operators" | "anybody" = "operators"): VisitHandler =>
    asPage(writePage, async (request, context) => {
      const opened = await open(request);
      const isLive = request.headers.has(liveHeader);
      if (opened.kind !== "signed-in") {
        if (isLive) throw new DomainError("unauthenticated", "The session is over.");
        if (opened.kind === "signed-out") return signedOutPage(writePage);
        return redirect("/admin/sign-in", [cookies.session.clear()]);
      }
      const { visit } = opened;
      try {
        if (allowed === "operators") requireOperator(visit.caller);
        return await act(visit, request, context);
      } catch (error) {
        const requestId = request.headers.get("x-request-id")?.slice(0, 100);
        return failurePage(writePage, { error, requestId, context, visitor: visit.visitor });
      }
    });
};
export type InVisit = ReturnType<typeof makeVisits>;
