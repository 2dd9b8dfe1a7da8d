import { z } from "zod";

import { callTarget } from "./calls.ts";
import type { Target } from "./calls.ts";
import type { Account } from "./seed.ts";

/** Asks the target of `preaccesstoken` or `preuserinfo` for more claims. Never fails and never takes long. */
export type ComplementToken = (
  name: "preaccesstoken" | "preuserinfo",
  account: Account,
  claims: Readonly<Record<string, unknown>>,
) => Promise<Readonly<Record<string, unknown>>>;

interface ComplementDeps {
  readonly target: Target | undefined;
  readonly now: () => Date;
  readonly logFailure: (error: unknown) => void;
}

const answerLengthMax = 64 * 1024;
const Answer = z.object({
  append_claims: z.array(z.object({ key: z.string().min(1), value: z.json() })).optional(),
});

const bodyOf = (name: string, account: Account): string => {
  const { sub, email, orgId, organisation, name: displayName } = account;
  const human = { displayName, email, isEmailVerified: true };
  return JSON.stringify({
    function: `function/${name}`,
    userinfo: { sub },
    user: { id: sub, username: email, resourceOwner: orgId, state: 1, human },
    user_metadata: [],
    org: { id: orgId, name: organisation },
    user_grants: [],
  });
};

/** As Zitadel does: a claim that is there already is not replaced. */
const append = (claims: Readonly<Record<string, unknown>>, answer: z.infer<typeof Answer>) => {
  const added = (answer.append_claims ?? []).filter(({ key }) => !Object.hasOwn(claims, key));
  return { ...claims, ...Object.fromEntries(added.map(({ key, value }) => [key, value])) };
};

/** A target that hangs, is away or answers nonsense costs the token its claims, never the sign-in (`interruptOnError: false`). */
export const makeComplementToken =
  ({ target, now, logFailure }: ComplementDeps): ComplementToken =>
  async (name, account, claims) => {
    if (target === undefined) return claims;
    try {
      const response = await callTarget(target, bodyOf(name, account), now());
      const text = await response.text();
      if (!response.ok) throw new Error(`The target of ${name} answered ${response.status}.`);
      if (text.length > answerLengthMax) throw new Error(`The target of ${name} answered too much.`);
      return append(claims, Answer.parse(JSON.parse(text)));
    } catch (error) {
      logFailure(error);
      return claims;
    }
  };
