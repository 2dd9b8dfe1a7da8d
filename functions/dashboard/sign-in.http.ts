import type { SignInProvider } from "../../shared/dashboard/ports.ts";
import type { BeginSignIn, FinishSignIn } from "../../shared/dashboard/sign-in.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { HttpFunction } from "../http/http-function.ts";
import type { DashboardCookies } from "./cookies.ts";
import { readForm } from "./read-form.ts";
import type { WritePage } from "./shell.ts";
import { redirect } from "./shell.ts";
import type { InVisit } from "./visits.ts";
import { asPage } from "./visits.ts";

export interface SignInHttpDeps {
  readonly beginSignIn: BeginSignIn;
  readonly finishSignIn: FinishSignIn;
  readonly provider: Pick<SignInProvider, "signOutUrl">;
  readonly cookies: DashboardCookies;
  readonly writePage: WritePage;
  readonly inVisit: InVisit;
  readonly publicOrigin: string;
}

/** `GET /admin/sign-in`: on to the identity provider. The way back is always to `/admin`: no address is taken from outside. */
export const dashboardSignInHttp = ({ beginSignIn, cookies, writePage }: SignInHttpDeps): HttpFunction => ({
  name: "dashboard-sign-in",
  method: "GET",
  route: "dashboard/sign-in",
  access: "gateway",
  handler: asPage(writePage, async () => {
    const { url, sealed, lifeSeconds } = await beginSignIn();
    return redirect(url, [cookies.pending.set(sealed, lifeSeconds)]);
  }),
});

/** `GET /admin/callback`: where the identity provider sends the browser back to. */
export const dashboardCallbackHttp = ({ finishSignIn, cookies, writePage }: SignInHttpDeps): HttpFunction => ({
  name: "dashboard-callback",
  method: "GET",
  route: "dashboard/callback",
  access: "gateway",
  handler: asPage(writePage, async (request) => {
    const { query } = request;
    if (query.has("error")) throw new DomainError("unauthenticated", "The identity provider did not sign you in.");
    const { session, lifeSeconds } = await finishSignIn({
      sealed: cookies.pending.read(request),
      state: query.get("state") ?? undefined,
      code: query.get("code") ?? undefined,
    });
    return redirect("/admin", [cookies.session.set(session, lifeSeconds), cookies.pending.clear()]);
  }),
});

/** `POST /admin/sign-out`: ends the session here, and then at the identity provider. */
export const dashboardSignOutHttp = (deps: SignInHttpDeps): HttpFunction => {
  const { provider, cookies, inVisit, publicOrigin } = deps;
  return {
    name: "dashboard-sign-out",
    method: "POST",
    route: "dashboard/sign-out",
    access: "gateway",
    handler: inVisit(async ({ session }, request) => {
      await readForm(request, publicOrigin, session.formToken);
      const there = await provider.signOutUrl(`${publicOrigin}/admin`);
      return redirect(there ?? "/admin", [cookies.session.clear()]);
    }, "anybody"),
  };
};
