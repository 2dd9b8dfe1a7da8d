import type { IncomingMessage, ServerResponse } from "node:http";

import Provider from "oidc-provider";

import { oidcConfiguration } from "./oidc-configuration.ts";
import type { OidcFacts } from "./oidc-configuration.ts";

/** The provider library with keys that can change under it. */
export interface RotatingProvider {
  /** The provider of this moment. */
  readonly provider: () => Provider;
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Activates the next key for every new token; returns its `kid`. */
  readonly rotateKeys: () => Promise<string>;
}

/** The library takes its keys once, so that a rotation means a new provider over the same sessions. */
export const makeRotatingProvider = (facts: OidcFacts, logFailure: (error: unknown) => void): RotatingProvider => {
  const build = () => {
    const provider = new Provider(facts.issuer, oidcConfiguration(facts));
    provider.on("server_error", (_ctx, error) => logFailure(error));
    provider.onerror = logFailure;
    return { provider, answer: provider.callback() };
  };
  let current = build();
  return {
    provider: () => current.provider,
    answer: (request, response) => current.answer(request, response),
    rotateKeys: async () => {
      const kid = await facts.keys.rotate();
      current = build();
      return kid;
    },
  };
};
