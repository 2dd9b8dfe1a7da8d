import PocketBase, { BaseAuthStore } from "pocketbase";
import { z } from "zod";
import type { BenchPlatform } from "./bench-platform.ts";
import type { Pair } from "./harness.ts";
import { timed } from "./harness.ts";

const Launch = z.object({ token: z.string() });
const Session = z.object({
  record: z.object({ id: z.string(), collectionName: z.string() }),
  tenant: z.object({ id: z.string() }),
});

const call = async (platform: BenchPlatform, path: string, body: unknown, token?: string): Promise<unknown> => {
  const answer = await fetch(`${platform.functionsUrl}${path}`, {
    method: "POST",
    headers: {
      "x-functions-key": platform.functionsKey,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${text}`);
  return JSON.parse(text) as unknown;
};

/** One request after the other, for each needs what the one before found. */
const bareCalls = async (superuser: PocketBase, session: z.infer<typeof Session>, sub: string): Promise<void> => {
  const mappings = superuser.collection("_sso_mappings");
  const filter = superuser.filter("tenantId = {:tenant} && zitadelSub = {:sub}", { tenant: session.tenant.id, sub });
  const mapping = await mappings.getFirstListItem(filter);
  await mappings.update(mapping.id, { lastLogin: new Date().toISOString() });
  await superuser.collection(session.record.collectionName).impersonate(session.record.id, 3600);
};

/**
 * A launch token exchanged for a session by somebody who has been here before, against what that needs of a plain
 * PocketBase, by its SDK, as its superuser: look the mapping up, note the login, issue a token. Launching (which makes
 * the token) is not measured. kombify's side does more (verify, consume once, read tenant and person), yet asks its
 * instance once, through a hook; the baseline has no hook of its own to ask.
 */
export const ssoExchange = (platform: BenchPlatform): Pair => ({
  name: "SSO exchange, warm",
  bound: { kind: "ratio", max: 3 },
  measured: "POST .../sso/exchange",
  baseline: "bare PocketBase calls",
  rounds: 60,
  warmUp: 10,
  open: async () => {
    const sub = "bench-sso-person";
    const token = await platform.tokenFor("bench-sso-org", sub);
    await call(platform, "/api/tenant", { name: "Bench SSO", slug: "bench-sso" }, token);
    const launch = async () => Launch.parse(await call(platform, "/api/tenant/launch", undefined, token)).token;
    const exchange = async (launched: string) => call(platform, "/api/internal/sso/exchange", { token: launched });
    const session = Session.parse(await exchange(await launch()));
    const bare = new PocketBase(platform.superuser.baseURL, new BaseAuthStore());
    bare.authStore.save(platform.superuser.authStore.token);
    bare.autoCancellation(false);
    return {
      measure: async () => {
        const launched = await launch();
        return timed(() => exchange(launched));
      },
      compare: () => timed(() => bareCalls(bare, session, sub)),
      close: () => Promise.resolve(),
    };
  },
});
