import { aCatalog } from "./catalog.ts";
import { HttpRequest, InvocationContext } from "@azure/functions";
import { dashboardFunctions } from "../../functions/dashboard/dashboard-functions.ts";
import type { OperatorCommands } from "../../functions/dashboard/operator-commands.ts";
import { withErrorBoundary } from "../../functions/http/http-function.ts";
import type { FleetView } from "../../shared/health/fleet-view.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import { aFlagRoom } from "./flags.ts";
import { aFleetView } from "./fleet-view.ts";

export const origin = "https://app.kombify.test";

interface Options {
  readonly dashboardDirectory: string;
  readonly publicOrigin?: string;
  readonly view?: () => FleetView;
  readonly clock?: () => Date;
}

const operator = {
  sub: "1",
  name: "Olivia",
  email: "olivia@kombify.test",
  isOrganisationAdmin: true,
  isOperator: true,
};

const sent = (headers: Record<string, string>, form: Record<string, string> | undefined) =>
  form === undefined
    ? { headers }
    : {
        headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
        body: { string: new URLSearchParams(form).toString() },
      };

const pairOf = (cookies: readonly { readonly name: string; readonly value: string }[]): string =>
  cookies
    .slice(0, 1)
    .map(({ name, value }) => `${name}=${value}`)
    .join();

/** The dashboard's functions with an identity provider that says yes, and commands that only remember. */
export const openDashboard = ({
  dashboardDirectory,
  publicOrigin = origin,
  view = aFleetView,
  clock = () => new Date(),
}: Options) => {
  const secrets = new Map<string, string>();
  const calls: (readonly unknown[])[] = [];
  const remember =
    (name: keyof OperatorCommands) =>
    (...values: readonly unknown[]): Promise<void> => {
      calls.push([name, ...values.filter((value) => !(value instanceof InvocationContext))]);
      return Promise.resolve();
    };
  let token: "operator" | "member" | "expired" | "provider-down" = "operator";
  let count = 0;
  const entries = dashboardFunctions({
    ...aCatalog(),
    ...aFlagRoom(),
    announceFlagsOf: () => () => Promise.resolve(),
    secrets: {
      read: (name) => Promise.resolve(secrets.get(name)),
      createIfAbsent: (name, value) => {
        secrets.set(name, secrets.get(name) ?? value);
        return Promise.resolve(secrets.get(name) ?? value);
      },
    },
    clock,
    newSecret: () => String((count += 1)).padStart(43, "s"),
    signInProvider: {
      signInUrl: ({ state }, redirectUri) =>
        Promise.resolve(`https://id.kombify.test/authorize?state=${state}&redirect_uri=${redirectUri}`),
      exchange: (code) =>
        code === "good"
          ? Promise.resolve("access-token")
          : Promise.reject(new DomainError("unauthenticated", "Not this code.")),
      signOutUrl: () => Promise.resolve("https://id.kombify.test/end"),
    },
    readToken: () => {
      if (token === "expired") return Promise.reject(new DomainError("unauthenticated", "Expired."));
      if (token === "provider-down") {
        return Promise.reject(new DomainError("identity-provider-unavailable", "No answer."));
      }
      return Promise.resolve({ caller: { ...operator, isOperator: token === "operator" }, lifeSeconds: 3600 });
    },
    describeFleet: () => Promise.resolve(view()),
    commands: {
      provision: remember("provision"),
      setDraining: remember("setDraining"),
      retire: remember("retire"),
      cancel: remember("cancel"),
      retry: remember("retry"),
      acknowledge: remember("acknowledge"),
      resolve: remember("resolve"),
      planMaintenance: remember("planMaintenance"),
      endMaintenance: remember("endMaintenance"),
    },
    dashboardDirectory,
    publicOrigin,
    issuer: "https://id.kombify.test",
    defaultRegion: "westeurope",
  });

  const call = async (
    name: string,
    {
      query = {},
      params = {},
      headers = {},
      form,
    }: {
      query?: Record<string, string>;
      params?: Record<string, string>;
      headers?: Record<string, string>;
      form?: Record<string, string>;
    } = {},
  ) => {
    const entry = entries.find((candidate) => candidate.name === name);
    if (entry === undefined) throw new Error(`There is no entry ${name}.`);
    const request = new HttpRequest({
      method: entry.method,
      url: `${publicOrigin}/${entry.route}`,
      query,
      params,
      ...sent(headers, form),
    });
    const answer = await withErrorBoundary(entry)(request, new InvocationContext({ logHandler: () => undefined }));
    const body = typeof answer.body === "string" ? answer.body : "";
    return { status: answer.status, headers: new Headers(answer.headers), cookies: answer.cookies ?? [], body };
  };

  /** Signs in as a browser does and gives what it then sends, with the token its forms carry. */
  const signIn = async (): Promise<{ readonly cookie: string; readonly formToken: string }> => {
    const begun = await call("dashboard-sign-in");
    const state = new URL(begun.headers.get("location") ?? "").searchParams.get("state") ?? "";
    const cookie = pairOf(begun.cookies);
    const ended = await call("dashboard-callback", { query: { state, code: "good" }, headers: { cookie } });
    const own = pairOf(ended.cookies);
    const page = await call("dashboard", { headers: { cookie: own } });
    return { cookie: own, formToken: /name="formToken" value="([^"]+)"/.exec(page.body)?.[1] ?? "" };
  };
  return { call, signIn, calls, become: (kind: typeof token) => (token = kind) };
};
