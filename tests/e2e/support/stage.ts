import type { RunningPlatform } from "../platform.ts";
import { startPlatform } from "../platform.ts";
import type { Answer, Call } from "./http-call.ts";
import { send } from "./http-call.ts";
import { mintMember, mintOperator, mintToken } from "./people.ts";
import type { Actor, Scenario } from "./scenario.ts";

/** A real platform after its journey, and a token for everybody who plays. */
export interface Stage {
  readonly platform: RunningPlatform;
  readonly tokens: Readonly<Record<Actor, string | undefined>>;
  /** Through the gateway. */
  readonly ask: (as: Actor, call: Call) => Promise<Answer>;
  readonly play: (scenario: Scenario) => Promise<Answer>;
}

export const openStage = async (): Promise<Stage> => {
  const platform = await startPlatform();
  const { gateway, identityProvider } = platform;
  const tokens = {
    nobody: undefined,
    fresh: await mintMember(identityProvider, "org-fresh"),
    acme: await mintToken(identityProvider, { email: "ada@acme.example" }),
    globex: await mintToken(identityProvider, { email: "gina@globex.example" }),
    mallory: await mintToken(identityProvider, { email: "mallory@initech.example" }),
    operator: await mintOperator(identityProvider),
  };
  const ask = (as: Actor, call: Call): Promise<Answer> => send(gateway, { token: tokens[as], ...call });
  return { platform, tokens, ask, play: ({ as, call }) => ask(as, call) };
};
