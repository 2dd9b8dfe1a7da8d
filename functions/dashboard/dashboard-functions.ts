import type { SignInProvider } from "../../shared/dashboard/ports.ts";
import { makeSealer } from "../../shared/dashboard/sealer.ts";
import { makeSessions } from "../../shared/dashboard/sessions.ts";
import type { ReadToken } from "../../shared/dashboard/sign-in.ts";
import { makeBeginSignIn, makeFinishSignIn } from "../../shared/dashboard/sign-in.ts";
import type { Region } from "../../shared/instances/instance.ts";
import type { Clock } from "../../shared/kernel/clock.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { SecretStore } from "../../shared/secrets/secret-store.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { dashboardAssetsHttp } from "./assets.http.ts";
import { dashboardCookies } from "./cookies.ts";
import type { DescribeFleet } from "./dashboard.http.ts";
import { dashboardActionHttp, dashboardConfirmHttp, dashboardHttp } from "./dashboard.http.ts";
import type { FlagsPagesDeps } from "./flags/flags-pages.http.ts";
import { confirmFlagHttp, flagActionHttp, flagPageHttp, flagsListHttp } from "./flags/flags-pages.http.ts";
import type { OperatorCommands } from "./operator-commands.ts";
import { makeReadPageAssets } from "./page-assets.ts";
import { makeWritePage } from "./shell.ts";
import { dashboardCallbackHttp, dashboardSignInHttp, dashboardSignOutHttp } from "./sign-in.http.ts";
import type { InVisit } from "./visits.ts";
import type { ToolsPagesDeps } from "./tools/tools-pages.http.ts";
import {
  confirmToolHttp,
  newToolPageHttp,
  toolActionHttp,
  toolPageHttp,
  toolsListHttp,
} from "./tools/tools-pages.http.ts";
import type { TransferPagesDeps } from "./tools/transfer-pages.http.ts";
import { exportPageHttp, importPageHttp, transferPageHttp } from "./tools/transfer-pages.http.ts";
import { makeVisits } from "./visits.ts";

type PagesOwn = "inVisit" | "writePage";

export interface DashboardDeps
  extends Omit<ToolsPagesDeps, PagesOwn>, Omit<TransferPagesDeps, PagesOwn>, Omit<FlagsPagesDeps, PagesOwn> {
  readonly secrets: Pick<SecretStore, "read" | "createIfAbsent">;
  readonly clock: Clock;
  readonly newSecret: () => string;
  readonly signInProvider: SignInProvider;
  readonly readToken: ReadToken;
  readonly describeFleet: DescribeFleet;
  readonly commands: OperatorCommands;
  /** `dist/web/admin`, made by `scripts/build-web.ts`. */
  readonly dashboardDirectory: string;
  readonly publicOrigin: string;
  readonly issuer: string;
  readonly defaultRegion: Region;
}

/** Any other address below `/admin`: a page that says so, for those who are signed in. */
const unknownPageHttp = (inVisit: InVisit): HttpFunction => ({
  name: "dashboard-unknown",
  method: "GET",
  route: "dashboard/{*path}",
  access: "gateway",
  handler: inVisit(() => Promise.reject(new DomainError("not-found", "There is no such page."))),
});

/** The operators' dashboard: `GET /admin` and what belongs to it. The gateway turns `/admin` into `/dashboard`. */
export const dashboardFunctions = (deps: DashboardDeps): readonly HttpFunction[] => {
  const { publicOrigin, signInProvider: provider, dashboardDirectory, issuer, readToken } = deps;
  const sessions = makeSessions(makeSealer(deps));
  const cookies = dashboardCookies(publicOrigin);
  const writePage = makeWritePage(makeReadPageAssets(dashboardDirectory), issuer);
  const inVisit = makeVisits({ sessions, readToken, cookies, writePage });
  const signIn = { ...deps, sessions, provider, redirectUri: `${publicOrigin}/admin/callback` };
  const signInHttp = {
    ...{ provider, cookies, writePage, inVisit, publicOrigin },
    beginSignIn: makeBeginSignIn(signIn),
    finishSignIn: makeFinishSignIn(signIn),
  };
  const pages = { ...deps, inVisit, writePage };
  return [
    dashboardHttp(pages),
    dashboardConfirmHttp(pages),
    dashboardActionHttp(pages),
    toolsListHttp(pages),
    newToolPageHttp(pages),
    toolPageHttp(pages),
    confirmToolHttp(pages),
    toolActionHttp(pages),
    transferPageHttp(pages),
    exportPageHttp(pages),
    importPageHttp(pages),
    flagsListHttp(pages),
    flagPageHttp(pages),
    confirmFlagHttp(pages),
    flagActionHttp(pages),
    dashboardSignInHttp(signInHttp),
    dashboardCallbackHttp(signInHttp),
    dashboardSignOutHttp(signInHttp),
    dashboardAssetsHttp(dashboardDirectory),
    unknownPageHttp(inVisit),
  ];
};
