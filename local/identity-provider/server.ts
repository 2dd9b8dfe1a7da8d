import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";

import type { z } from "zod";

import { requireLocalCaller } from "../process/access.ts";
import { defaultAccessTokenSeconds, IdentityProviderConfig } from "./config.ts";
import type { IdentityProviderOptions } from "./config.ts";
import { makeComplementToken } from "./complement.ts";
import { makeDevEndpoints } from "./dev-endpoints.ts";
import { openDirectory } from "./directory.ts";
import type { Directory } from "./directory.ts";
import { startEventDelivery } from "./event-delivery.ts";
import type { EventDelivery } from "./event-delivery.ts";
import { openKeyStore } from "./key-store.ts";
import type { KeyStore } from "./key-store.ts";
import { close, listen } from "../process/http-listener.ts";
import { makeMachineTokens } from "./machine-user.ts";
import { takeMachineGrant } from "./machine-grant.ts";
import { paths } from "./oidc-configuration.ts";
import { contentSecurityPolicy } from "./page.ts";
import { makeCheckPassword } from "./passwords.ts";
import type { CheckPassword } from "./passwords.ts";
import { Refusal, sendProblem } from "../process/problem.ts";
import { makeRotatingProvider } from "./rotating-provider.ts";
import { consoleClientId, projectId, seededAccounts } from "./seed.ts";
import { openSessionDatabase } from "./session-database.ts";
import type { SessionDatabase } from "./session-database.ts";
import { makeSignIn } from "./sign-in.ts";
import { makeSignInLimit } from "./sign-in-limit.ts";
import { makeUserinfo } from "./userinfo.ts";
import { makeZitadelApi } from "./zitadel-api.ts";

/** A running provider. All addresses are below `issuer`. */
export interface IdentityProvider {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly projectId: string;
  readonly consoleClientId: string;
  readonly stop: () => Promise<void>;
}

type Config = z.output<typeof IdentityProviderConfig>;

interface Parts {
  readonly keys: KeyStore;
  readonly sessions: SessionDatabase;
  readonly checkPassword: CheckPassword;
  readonly directory: Directory;
}

interface Bound {
  readonly issuer: string;
  readonly address: string;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const now = (): Date => new Date();
const requestTimeoutMilliseconds = 30_000;

/** One line, never a stack: what went wrong is for whoever reads the part's log. */
const logFailure = (error: unknown): void =>
  console.error(`identity provider: ${error instanceof Error ? `${error.name}: ${error.message}` : "unknown failure"}`);

const makeAnswer = (config: Config, bound: Bound, parts: Parts, delivery: EventDelivery): Answer => {
  const { issuer, address } = bound;
  const { keys, checkPassword, sessions, directory } = parts;
  const complement = makeComplementToken({ target: config.complement, now, logFailure });
  const facts = { ...config, issuer, keys, directory, complement, adapter: sessions.adapter };
  const oidc = makeRotatingProvider(facts, logFailure);
  const limit = makeSignInLimit(now);
  const signIn = makeSignIn({ provider: oidc.provider, issuer, directory, checkPassword, limit });
  const machineTokens = makeMachineTokens({ issuer, keys, user: config.machineUser, now });
  const zitadelApi = makeZitadelApi(directory, machineTokens);
  const userinfo = makeUserinfo({ issuer, allowedOrigins: config.allowedOrigins, keys });
  const { accessTokenSeconds } = config;
  const { rotateKeys } = oidc;
  const dev = { issuer, accessTokenSeconds, keys, rotateKeys, complement, directory, delivery, now };
  const devEndpoints = makeDevEndpoints(dev);
  const policy = contentSecurityPolicy([issuer, ...config.redirectUris.map((uri) => new URL(uri).origin)]);
  const devOrigins = [issuer, ...config.allowedOrigins];

  return async (request, response) => {
    const url = URL.parse(request.url ?? "/", issuer);
    if (url?.origin !== issuer) throw new Refusal(400, "invalid-input", "The request's target is not a path.");
    response.setHeader("content-security-policy", policy);
    response.setHeader("referrer-policy", "same-origin");
    response.setHeader("x-content-type-options", "nosniff");
    if (url.pathname.startsWith("/dev/")) {
      requireLocalCaller(request, address, devOrigins);
      await devEndpoints(request, response, url.pathname);
      return;
    }
    // Addresses in answers come from the configuration, never from what a caller writes into the Host header.
    request.headers.host = new URL(issuer).host;
    if (url.pathname === paths.keys) response.setHeader("cache-control", "max-age=300, must-revalidate");
    if (await zitadelApi(request, response, url.pathname)) return;
    if (url.pathname === paths.token && (await takeMachineGrant(request, response, machineTokens))) return;
    if (url.pathname === paths.userinfo) await userinfo(request, response);
    else if (url.pathname.startsWith(`${paths.signIn}/`)) await signIn(request, response, url);
    else await oidc.answer(request, response);
  };
};

const answerSafely =
  (answer: Answer) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => {
      if (!(error instanceof Refusal)) logFailure(error);
      const refusal = error instanceof Refusal ? error : new Refusal(500, "internal", "Something went wrong.");
      if (response.headersSent) response.destroy();
      else sendProblem(response, refusal);
    });
  };

const openParts = async ({ dataDirectory, accessTokenSeconds }: Config): Promise<Parts> => {
  const retainSeconds = Math.max(accessTokenSeconds, defaultAccessTokenSeconds);
  const [keys, checkPassword] = await Promise.all([
    openKeyStore({ dataDirectory, retainSeconds, now }),
    makeCheckPassword(seededAccounts),
  ]);
  const sessions = openSessionDatabase(dataDirectory, now);
  return { keys, checkPassword, sessions, directory: openDirectory(dataDirectory, now) };
};

/**
 * Starts the development identity provider that stands in for Zitadel.
 * @throws when the options are not valid, the port is taken or the key file is not ours
 */
export const startIdentityProvider = async (options: IdentityProviderOptions): Promise<IdentityProvider> => {
  const config = IdentityProviderConfig.parse(options);
  const parts = await openParts(config);
  const server = createServer({ requestTimeout: requestTimeoutMilliseconds });
  try {
    const { address, port } = await listen(server, config.host, config.port);
    const issuer = config.issuer ?? `http://localhost:${port}`;
    const { directory } = parts;
    const delivery = startEventDelivery({ directory, target: config.webhook, instanceId: projectId, now, logFailure });
    server.on("request", answerSafely(makeAnswer(config, { issuer, address }, parts, delivery)));
    const stop = async (): Promise<void> => {
      await close(server);
      await delivery.stop();
      parts.sessions.close();
      directory.close();
    };
    return { issuer, jwksUri: `${issuer}${paths.keys}`, projectId, consoleClientId, stop };
  } catch (error) {
    if (server.listening) await close(server);
    parts.sessions.close();
    parts.directory.close();
    throw error;
  }
};
