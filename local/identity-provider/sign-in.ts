import type { IncomingMessage, ServerResponse } from "node:http";

import { errors } from "oidc-provider";
import type Provider from "oidc-provider";

import type { Directory } from "./directory.ts";
import type { CheckPassword } from "./passwords.ts";
import { messagePage } from "./page.ts";
import { Refusal } from "../process/problem.ts";
import { readBody } from "./request-body.ts";
import { seededAccounts } from "./seed.ts";
import type { SignInLimit } from "./sign-in-limit.ts";
import { signInPage } from "./sign-in-page.ts";

export interface SignInDeps {
  /** The provider of this moment; it is replaced when keys rotate. */
  readonly provider: () => Provider;
  readonly issuer: string;
  readonly directory: Directory;
  readonly checkPassword: CheckPassword;
  readonly limit: SignInLimit;
}

/** Answers GET and POST of one interaction, whose id stands last in the path. */
export type SignIn = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

const sendPage = (response: ServerResponse, status: number, html: string): void => {
  response.writeHead(status, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
  response.end(html);
};

type Outcome =
  | { readonly kind: "signed-in"; readonly sub: string }
  | { readonly kind: "wrong" }
  | { readonly kind: "wait"; readonly seconds: number };

const attempt = async (
  { directory, checkPassword, limit }: SignInDeps,
  email: string,
  password: string,
): Promise<Outcome> => {
  const account = directory.findByEmail(email);
  const seconds = limit.begin(account);
  if (seconds > 0) return { kind: "wait", seconds };
  const isRight = await checkPassword(account, password);
  if (!isRight || account === undefined || !directory.isActive(account)) return { kind: "wrong" };
  limit.succeed(account);
  return { kind: "signed-in", sub: account.sub };
};

/** A form of another site carries that site's Origin; the interaction cookie (SameSite=Lax) is the first wall. */
const refuseForeignOrigin = (request: IncomingMessage, issuer: string): void => {
  const { origin } = request.headers;
  if (origin !== undefined && origin !== issuer) {
    throw new Refusal(403, "foreign-origin", `Sign in on this provider's own page, at ${issuer}.`);
  }
};

const showForm = (directory: Directory, response: ServerResponse, url: URL, hint: unknown): void => {
  const chosen = directory.findByEmail(url.searchParams.get("account") ?? "");
  const email = chosen?.email ?? (typeof hint === "string" ? hint : "");
  sendPage(response, 200, signInPage({ email, password: chosen?.password ?? "", accounts: seededAccounts }));
};

const showFailure = (response: ServerResponse, email: string, outcome: Exclude<Outcome, { kind: "signed-in" }>) => {
  const isWait = outcome.kind === "wait";
  if (isWait) response.setHeader("retry-after", String(outcome.seconds));
  const error = isWait
    ? `Too many failed sign-ins. Try again in ${outcome.seconds} seconds.`
    : "The email or the password is not right. Try again.";
  sendPage(response, isWait ? 429 : 401, signInPage({ email, password: "", error, accounts: seededAccounts }));
};

/** The interaction of the cookie, if it is the one of the path too; else the page is stale or forged. */
const currentInteraction = async (provider: Provider, request: IncomingMessage, response: ServerResponse, url: URL) => {
  try {
    const interaction = await provider.interactionDetails(request, response);
    return interaction.uid === url.pathname.split("/").at(-1) ? interaction : undefined;
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  }
};

const submit = async (deps: SignInDeps, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  refuseForeignOrigin(request, deps.issuer);
  const form = new URLSearchParams(await readBody(request, "application/x-www-form-urlencoded"));
  const finish = deps.provider().interactionFinished.bind(deps.provider(), request, response);
  if (form.get("action") === "cancel") {
    await finish({ error: "access_denied", error_description: "The person cancelled the sign-in." });
    return;
  }
  const email = form.get("email") ?? "";
  const outcome = await attempt(deps, email, form.get("password") ?? "");
  if (outcome.kind === "signed-in") await finish({ login: { accountId: outcome.sub } });
  else showFailure(response, email, outcome);
};

/** Makes the handler of the sign-in pages. Only the browser that started the authorisation can finish it. */
export const makeSignIn =
  (deps: SignInDeps): SignIn =>
  async (request, response, url) => {
    const interaction = await currentInteraction(deps.provider(), request, response, url);
    if (interaction === undefined) {
      const message = "This sign-in has expired. Go back to the application and start again.";
      sendPage(response, 400, messagePage("Sign-in expired", message));
    } else if (interaction.prompt.name === "consent") {
      await deps.provider().interactionFinished(request, response, { consent: {} });
    } else if (request.method === "POST") await submit(deps, request, response);
    else showForm(deps.directory, response, url, interaction.params["login_hint"]);
  };
