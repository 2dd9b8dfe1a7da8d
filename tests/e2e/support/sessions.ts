import { expect } from "vitest";
import { z } from "zod";
import type { Answer } from "./http-call.ts";
import { jsonOf, send } from "./http-call.ts";

const Launch = z.object({ redirectUrl: z.url(), token: z.string(), expiresAt: z.string() });
const Session = z.object({
  token: z.string(),
  record: z.looseObject({ id: z.string(), collectionName: z.string() }),
  tenant: z.looseObject({ slug: z.string(), namespace: z.string(), instance: z.object({ publicEndpoint: z.url() }) }),
});
export type Session = z.infer<typeof Session>;

/** Asks for a launch token as the person of this access token. */
export const launch = async (gateway: string, token: string): Promise<z.infer<typeof Launch>> => {
  const answer = await send(gateway, { method: "POST", path: "/api/tenant/launch", token });
  expect({ status: answer.status, body: answer.text }).toMatchObject({ status: 200 });
  return Launch.parse(jsonOf(answer));
};

export const exchangePath = "/api/internal/sso/exchange";

export const exchange = (gateway: string, token: string): Promise<Answer> =>
  send(gateway, { path: exchangePath, json: { token } });

export const sessionOf = (answer: Answer): Session => {
  expect({ status: answer.status, body: answer.text }).toMatchObject({ status: 200 });
  return Session.parse(jsonOf(answer));
};

/** Launches and exchanges: a session on the Stack. */
export const enter = async (gateway: string, token: string): Promise<Session> =>
  sessionOf(await exchange(gateway, (await launch(gateway, token)).token));

/** Whether the session's own user is still let in: the status of reading oneself on the Stack, through the gateway. */
export const readOneself = async ({ token, record, tenant }: Session): Promise<number> => {
  const { origin, pathname } = new URL(tenant.instance.publicEndpoint);
  const path = `${pathname}/api/collections/${record.collectionName}/records/${record.id}`;
  return (await send(origin, { path, headers: { authorization: token } })).status;
};
