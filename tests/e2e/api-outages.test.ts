import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { expectProblem } from "./support/expect-problem.ts";
import type { Answer, Call } from "./support/http-call.ts";
import { jsonOf, send } from "./support/http-call.ts";
import { mintMember } from "./support/people.ts";
import type { PartName } from "./support/processes.ts";
import { eventually, managedInstances, partPid } from "./support/processes.ts";
import { enter, exchange, launch, readOneself } from "./support/sessions.ts";
import { killNow, whileStopped } from "./support/signals.ts";
import type { Stage } from "./support/stage.ts";
import { openStage } from "./support/stage.ts";

let stage: Stage;
let gateway: string;
const acme = (): string => stage.tokens.acme ?? "";

beforeAll(async () => {
  stage = await openStage();
  gateway = stage.platform.gateway;
});
afterAll(() => stage.platform.stop());

/** The answer, or undefined while nobody listens there. */
const tryToSend = (base: string, call: Call): Promise<Answer | undefined> => send(base, call).catch(() => undefined);

const pidOf = (part: PartName): number => {
  const pid = partPid(stage.platform.dataDir, part);
  if (pid === undefined) throw new Error(`The part ${part} is not there.`);
  return pid;
};

const isHealthy = async (base: string): Promise<true | undefined> =>
  (await tryToSend(base, { path: "/health" }))?.status === 200 ? true : undefined;

/** Kills a part and waits until its successor, which remembers nothing, answers. */
const restartCold = async (part: PartName, base: string): Promise<void> => {
  const old = pidOf(part);
  killNow(old);
  await eventually(`a new ${part}`, 30_000, async () =>
    partPid(stage.platform.dataDir, part) !== old ? isHealthy(base) : undefined,
  );
};

describe("while the identity provider hangs", () => {
  test("keys that are known keep everybody working", async () => {
    const answers = await whileStopped([pidOf("identityProvider")], async () => [
      await stage.ask("acme", { path: "/api/tenant" }),
      await stage.ask("operator", { path: "/api/admin/instances" }),
      await stage.ask("acme", { method: "POST", path: "/api/tenant/launch" }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test("a gateway without keys answers 503, never 401, and recovers by itself", async () => {
    await whileStopped([pidOf("identityProvider")], async () => {
      await restartCold("gateway", gateway);
      const begin = performance.now();
      const answer = await stage.ask("acme", { path: "/api/tenant" });
      expectProblem(answer, 503, "identity-provider-unavailable");
      expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
      expect(performance.now() - begin).toBeLessThan(10_000);
      expectProblem(await stage.ask("nobody", { path: "/api/tenant" }), 401, "unauthenticated");
    });
    const recovered = await eventually("a good answer", 15_000, async () => {
      const answer = await stage.ask("acme", { path: "/api/tenant" });
      return answer.status === 200 ? answer : undefined;
    });
    expect(recovered.status).toBe(200);
  });

  test("functions without keys answer 503, never 401, and recover by themselves", async () => {
    const { functions, keys } = stage.platform;
    const call: Call = { path: "/api/tenant", token: acme(), headers: { "x-functions-key": keys.gateway } };
    await whileStopped([pidOf("identityProvider")], async () => {
      await restartCold("functions", functions);
      const answer = await send(functions, call);
      expectProblem(answer, 503, "identity-provider-unavailable");
      expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    });
    const recovered = await eventually("a good answer", 15_000, async () => {
      const answer = await send(functions, call);
      return answer.status === 200 ? answer : undefined;
    });
    expect(recovered.status).toBe(200);
  });
});

const Accepted = z.looseObject({ status: z.string(), operation: z.string() });
const Operation = z.looseObject({ status: z.string(), error: z.object({ code: z.string() }).nullable() });

/** Asks until the organisation's tenant is active. */
const untilActive = (token: string, milliseconds: number): Promise<true> =>
  eventually("an active tenant", milliseconds, async () => {
    const { status } = Accepted.parse(jsonOf(await send(gateway, { path: "/api/tenant", token })));
    return status === "active" ? true : undefined;
  });

const stackPid = async (): Promise<number> =>
  eventually("a running Stack", 30_000, async () => {
    const [instance] = await managedInstances(stage.platform.resourceManager);
    return instance?.pid;
  });

describe("while a Stack is down", () => {
  const slowest = 40_000;

  test("that hangs: an exchange is 503 in bounded time, a new tenant 202, then active", async () => {
    const session = await enter(gateway, acme());
    const { token } = await launch(gateway, acme());
    const member = await mintMember(stage.platform.identityProvider, "org-hang");
    const begin = performance.now();
    await whileStopped([await stackPid()], async () => {
      const [exchanged, provisioned] = await Promise.all([
        exchange(gateway, token),
        send(gateway, { path: "/api/tenant", token: member, json: { name: "Hang", slug: "hang" } }),
      ]);
      expect(performance.now() - begin).toBeLessThan(slowest);
      expectProblem(exchanged, 503, "stack-unavailable");
      expect({ status: provisioned.status, body: jsonOf(provisioned) }).toMatchObject({
        status: 202,
        body: { status: "provisioning" },
      });
    });
    await untilActive(member, 90_000);
    expect(await readOneself(session)).toBe(200);
  });

  test("that is gone: a new tenant is 202 at once and says why, an exchange 503; both work when it is back", async () => {
    const member = await mintMember(stage.platform.identityProvider, "org-gone");
    const { token } = await launch(gateway, acme());
    const pid = await stackPid();
    await whileStopped([pidOf("resourceManager")], async () => {
      killNow(pid);
      const begin = performance.now();
      expectProblem(await exchange(gateway, token), 503, "stack-unavailable");
      const json = { name: "Gone", slug: "gone" };
      const provisioned = await send(gateway, { path: "/api/tenant", token: member, json });
      expect(performance.now() - begin).toBeLessThan(slowest);
      expect(provisioned.status).toBe(202);
      const { status, operation } = Accepted.parse(jsonOf(provisioned));
      expect(status).toBe("provisioning");
      expect(provisioned.headers.location).toBe(operation);
      const shown = Operation.parse(jsonOf(await send(gateway, { path: operation, token: member })));
      expect(shown).toMatchObject({ status: "running", error: { code: "stack-unavailable" } });
      expectProblem(
        await send(gateway, { method: "POST", path: "/api/tenant/launch", token: member }),
        409,
        "tenant-not-active",
      );
    });
    await untilActive(member, 60_000);
    expect((await enter(gateway, member)).tenant.slug).toBe("gone");
  });
});
