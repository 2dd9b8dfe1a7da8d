import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { ApiClient } from "./api-client.ts";
import { expectStatus } from "./api-client.ts";

const kit = "small-site";
const pauseMilliseconds = 500;
const patienceMilliseconds = 120_000;

const Trial = z.object({ id: z.string(), kit: z.object({ version: z.string() }) });
const Assertions = z.array(z.object({ verdict: z.string() }));
const Trials = z.object({
  proof: z.object({ endedAt: z.string(), assertions: Assertions }).nullable(),
  own: z.object({ id: z.string(), status: z.string(), reason: z.string().optional() }).nullable(),
});
const Refusal = z.object({ code: z.literal("simulation-limit-reached"), detail: z.string() });

type Look = () => Promise<z.infer<typeof Trials>>;

/** @throws Error when it does not pass, or not within two minutes */
const untilProven = async (look: Look, { id, kit: { version } }: z.infer<typeof Trial>): Promise<string> => {
  const deadline = performance.now() + patienceMilliseconds;
  for (;;) {
    const { proof, own } = await look();
    if (own?.id === id && own.status !== "passed")
      throw new Error(`The kit did not pass: ${own.reason ?? "no reason"}`);
    if (own?.id === id && proof !== null) {
      const held = proof.assertions.filter(({ verdict }) => verdict === "passed").length;
      return `${kit} ${version} is proven: ${held} of ${proof.assertions.length} assertions hold`;
    }
    if (performance.now() > deadline) throw new Error("Nothing came of the kit's trial within two minutes.");
    await sleep(pauseMilliseconds);
  }
};

/**
 * Runs a kit in a simulation by one call, and waits for what is kept with its version then. While the member runs another
 * simulation, what was proven before is enough. @throws Error when the kit does not pass
 */
export const proveKit = async (api: ApiClient, token: string): Promise<string> => {
  const look: Look = async () =>
    Trials.parse(expectStatus(await api({ path: `/v1/stackkits/${kit}/trials`, token }), 200));
  const answer = await api({ method: "POST", path: "/v1/simulations/trials", token, body: { kit } });
  const refusal = answer.status === 409 ? Refusal.safeParse(answer.body).data : undefined;
  if (refusal === undefined) return untilProven(look, Trial.parse(expectStatus(answer, 202)));
  const { proof } = await look();
  return proof === null ? `not now: ${refusal.detail}` : `proven on ${proof.endedAt.slice(0, 10)}`;
};
