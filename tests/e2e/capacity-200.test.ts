import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { RunningPlatform } from "./platform.ts";
import { startPlatform } from "./platform.ts";
import { jsonOf, send } from "./support/http-call.ts";
import { mintMember, mintOperator } from "./support/people.ts";
import { eventually } from "./support/processes.ts";
import { enter, readOneself } from "./support/sessions.ts";

const signUps = 200;
/** The journey's two tenants have their places already. */
const tenantsBefore = 2;
const slotsPerInstance = 50;
/** The setting SCALE_OUT_HEADROOM, as the platform has it by default. */
const headroom = 5;
/** Fills the first instance up to the headroom. */
const signUpsToHeadroom = slotsPerInstance - tenantsBefore - headroom;
const signUpsBeyond = 10;
const tenantsFirst = tenantsBefore + signUpsToHeadroom + signUpsBeyond;
const anotherInstanceMillisecondsMax = 60_000;
const allActiveMillisecondsMax = 150_000;

const Fleet = z.object({
  instances: z.array(
    z.object({ id: z.string(), status: z.string(), currentTenants: z.number(), maxTenants: z.number() }),
  ),
});
const TenantPage = z.object({
  tenants: z.array(z.object({ id: z.string(), slug: z.string(), status: z.string() })),
  next: z.string().optional(),
});
type Tenants = z.infer<typeof TenantPage>["tenants"];

let platform: RunningPlatform;
let operator: string;

beforeAll(async () => {
  platform = await startPlatform();
  operator = await mintOperator(platform.identityProvider);
});
afterAll(() => platform.stop());

const ask = async (path: string): Promise<unknown> => {
  const answer = await send(platform.gateway, { path, token: operator });
  expect({ status: answer.status, body: answer.text }).toMatchObject({ status: 200 });
  return jsonOf(answer);
};

const fleet = async () => Fleet.parse(await ask("/api/admin/instances")).instances;

const allTenants = async (): Promise<Tenants> => {
  const found: Tenants = [];
  for (let after: string | undefined = ""; after !== undefined;) {
    const cursor: string = after === "" ? "" : `&after=${encodeURIComponent(after)}`;
    const page = TenantPage.parse(await ask(`/api/admin/tenants?limit=200${cursor}`));
    found.push(...page.tenants);
    after = page.next;
  }
  return found;
};

/** Looks at the fleet all the time while something happens, and keeps the fullest that any instance was seen. */
const watchFleet = async <T>(act: () => Promise<T>): Promise<{ readonly result: T; readonly fullest: number }> => {
  const over = new AbortController();
  let fullest = 0;
  const watching = (async () => {
    while (!over.signal.aborted) {
      for (const { currentTenants } of await fleet()) fullest = Math.max(fullest, currentTenants);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  })();
  try {
    const result = await act();
    return { result, fullest };
  } finally {
    over.abort();
    await watching;
  }
};

/** Organisations `from` to `from + count - 1` sign up at the same moment; the statuses of the answers. */
const signUp = async (from: number, count: number): Promise<number[]> => {
  const numbers = Array.from({ length: count }, (_, index) => from + index);
  const members = await Promise.all(numbers.map((number) => mintMember(platform.identityProvider, `org-${number}`)));
  const answers = await Promise.all(
    members.map((token, index) => {
      const json = { name: `Organisation ${from + index}`, slug: `organisation-${from + index}` };
      return send(platform.gateway, { path: "/api/tenant", token, json });
    }),
  );
  return answers.map(({ status }) => status);
};

const created = (count: number): number[] => Array.from({ length: count }, () => 201);

test(
  "filling an instance starts a second one before the last slot is gone, and no sign-up is refused or kept waiting",
  { timeout: 240_000 },
  async () => {
    expect(await fleet()).toMatchObject([{ status: "active", currentTenants: tenantsBefore, maxTenants: 50 }]);
    const numbers = { filling: 1000, beyond: 1000 + signUpsToHeadroom };
    for (let done = 0; done < signUpsToHeadroom;) {
      // A few at a time, as no answer is to take as long as a caller is kept waiting.
      const count = Math.min(8, signUpsToHeadroom - done);
      expect(await signUp(numbers.filling + done, count)).toEqual(created(count));
      done += count;
    }
    expect(await fleet()).toMatchObject([{ status: "active", currentTenants: slotsPerInstance - headroom }]);

    expect(await signUp(numbers.beyond, 1)).toEqual(created(1));
    const [first, second, ...others] = await fleet();
    expect(first?.currentTenants).toBe(slotsPerInstance - headroom + 1);
    expect(second).toMatchObject({ currentTenants: 0, maxTenants: 50 });
    expect(others).toEqual([]);

    expect(await signUp(numbers.beyond + 1, headroom - 1)).toEqual(created(headroom - 1));
    await eventually("a second active instance", anotherInstanceMillisecondsMax, async () =>
      (await fleet())[1]?.status === "active" ? true : undefined,
    );
    const last = signUpsBeyond - headroom;
    expect(await signUp(numbers.beyond + headroom, last)).toEqual(created(last));
    expect((await fleet()).map(({ status }) => status)).toEqual(["active", "active"]);
  },
);

test(
  "200 organisations sign up at once: all get a tenant, the fleet grows by itself, no instance holds more than 50",
  { timeout: 240_000 },
  async () => {
    const members = await Promise.all(
      Array.from({ length: signUps }, (_, index) => mintMember(platform.identityProvider, `org-${index}`)),
    );
    const { result: statuses, fullest } = await watchFleet(async () => {
      const answers = await Promise.all(
        members.map((token, index) => {
          const json = { name: `Organisation ${index}`, slug: `organisation-${index}` };
          return send(platform.gateway, { path: "/api/tenant", token, json });
        }),
      );
      await eventually(`${signUps} active tenants`, allActiveMillisecondsMax, async () =>
        (await allTenants()).every(({ status }) => status === "active") ? true : undefined,
      );
      return answers.map(({ status }) => status);
    });
    expect([...new Set(statuses)].sort()).toEqual([201, 202]);
    expect(fullest).toBe(slotsPerInstance);
    const tenants = await allTenants();
    expect(tenants).toHaveLength(signUps + tenantsFirst);
    expect(new Set(tenants.map(({ slug }) => slug)).size).toBe(signUps + tenantsFirst);
    const instances = await fleet();
    expect(instances.every(({ currentTenants }) => currentTenants <= slotsPerInstance)).toBe(true);
    expect(instances.reduce((sum, { currentTenants }) => sum + currentTenants, 0)).toBe(signUps + tenantsFirst);
    // As many as it takes for everybody and the headroom, and not one more, however many workers saw the wave.
    expect(instances.length).toBe(Math.ceil((signUps + tenantsFirst + headroom) / slotsPerInstance));

    const sample = members.filter((_, index) => index % 25 === 0);
    const sessions = await Promise.all(sample.map((token) => enter(platform.gateway, token)));
    expect(await Promise.all(sessions.map(readOneself))).toEqual(sessions.map(() => 200));
    expect(new Set(sessions.map(({ tenant }) => tenant.slug)).size).toBe(sample.length);
  },
);
