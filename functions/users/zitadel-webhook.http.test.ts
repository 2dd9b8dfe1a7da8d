import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { aDirectoryModel } from "../../tests/support/directory-model.ts";
import type { SentCall } from "../../tests/support/people.ts";
import { aPeopleRoom, callBodyOf, webhookKey } from "../../tests/support/people.ts";
import { signZitadelCall } from "../../shared/users/zitadel-signature.ts";
import { webhookKeysSecret } from "../../shared/users/signing-keys.ts";

const aRoom = () => {
  const model = aDirectoryModel();
  model.addOrganisation("org1");
  model.addUser("user1", "org1");
  const room = aPeopleRoom(model);
  const added = model.log.at(-1)!;
  return { model, room, added, body: callBodyOf(added) };
};
const { room: anyRoom, body: good } = aRoom();
const now = anyRoom.nowSeconds();
const hexOf = (seconds: number | string, body: string, key = webhookKey): string =>
  createHmac("sha256", key).update(`${seconds}.${body}`).digest("hex");
const hex = hexOf(now, good);

/** WZ-01, WZ-03: what is wrong with the header, or with what it was made over. */
const refused: readonly (readonly [string, SentCall])[] = [
  ["no header", { body: good, signature: null }],
  ["an empty header", { body: good, signature: "" }],
  ["garbage", { body: good, signature: "hello" }],
  ["only a timestamp", { body: good, signature: `t=${now}` }],
  ["only a signature", { body: good, signature: `v1=${hex}` }],
  ["an empty v1", { body: good, signature: `t=${now},v1=` }],
  ["two timestamps", { body: good, signature: `t=${now},t=${now},v1=${hex}` }],
  ["the header twice", { body: good, signature: `t=${now},v1=${hex}, t=${now},v1=${hex}` }],
  ["a pair without =", { body: good, signature: `t=${now},v1=${hex},x` }],
  ["a pair with two =", { body: good, signature: `t=${now},v1=${hex}=` }],
  ["another version only", { body: good, signature: `t=${now},v0=${hex}` }],
  ["upper case", { body: good, signature: `t=${now},v1=${hex.toUpperCase()}` }],
  ["base64 instead of hex", { body: good, signature: `t=${now},v1=${Buffer.from(hex, "hex").toString("base64")}` }],
  ["one letter too few", { body: good, signature: `t=${now},v1=${hex.slice(1)}` }],
  ["301 s old", { body: good, signature: signZitadelCall(webhookKey, now - 301, Buffer.from(good)) }],
  ["301 s in the future", { body: good, signature: signZitadelCall(webhookKey, now + 301, Buffer.from(good)) }],
  ["milliseconds", { body: good, signature: signZitadelCall(webhookKey, now * 1000, Buffer.from(good)) }],
  ["no number for a time", { body: good, signature: `t=NaN,v1=${hexOf("NaN", good)}` }],
  ["a negative time", { body: good, signature: `t=-${now},v1=${hexOf(`-${now}`, good)}` }],
  ["another time than was signed", { body: good, signature: `t=${now - 1},v1=${hex}` }],
  ["another key", { body: good, key: "another-signing-key-of-somebody" }],
  ["an empty key", { body: good, signature: `t=${now},v1=${hexOf(now, good, "")}` }],
  ["a re-serialised body", { body: JSON.stringify(JSON.parse(good), undefined, 1), signature: `t=${now},v1=${hex}` }],
  ["a byte-order mark", { body: `\uFEFF${good}`, signature: `t=${now},v1=${hex}` }],
  ["a changed letter", { body: good.replace("user1", "user2"), signature: `t=${now},v1=${hex}` }],
  ["the timestamp left out of what was signed", { body: good, signature: `t=${now},v1=${hexOf("", good)}` }],
  ["eleven signatures", { body: good, signature: `t=${now}${`,v1=${hex}`.repeat(11)}` }],
  ["a body that is no JSON either", { body: "{", signature: "nonsense" }],
];

test.each(refused)("401 for %s, and nothing is kept", async (_name, sent) => {
  const { room } = aRoom();
  const answer = await room.call(sent);
  expect(answer).toMatchObject({ status: 401, body: { code: "zitadel-signature-invalid" } });
  expect(room.queued()).toBe(0);
});

const accepted: readonly (readonly [string, SentCall])[] = [
  ["the good one", { body: good }],
  ["300 s old", { body: good, signature: signZitadelCall(webhookKey, now - 300, Buffer.from(good)) }],
  ["300 s in the future", { body: good, signature: signZitadelCall(webhookKey, now + 300, Buffer.from(good)) }],
  ["one right signature of two", { body: good, signature: `t=${now},v1=${"0".repeat(64)},v1=${hex}` }],
  ["unknown pairs beside it", { body: good, signature: `v0=x,t=${now},v1=${hex},w=1` }],
  ["pairs in another order", { body: good, signature: `v1=${hex},t=${now}` }],
];

test.each(accepted)("200 for %s", async (_name, sent) => {
  const { room } = aRoom();
  expect(await room.call(sent)).toEqual({ status: 200, body: { event: "accepted" } });
});

/** WZ-07: every form the payload ever had leads to the same. */
test.each([
  ["an object", { email: "user1@x.example" }],
  ["base64 of an object", Buffer.from('{"email":"user1@x.example"}').toString("base64")],
  ["{}", {}],
  ["null", null],
  ["absent", undefined],
  ["base64 of null", Buffer.from("null").toString("base64")],
  ["an empty text", ""],
])("event_payload as %s: the person is read from the identity provider", async (_name, payload) => {
  const { room, added } = aRoom();
  expect((await room.call({ body: callBodyOf(added, payload) })).status).toBe(200);
  await room.work();
  expect(await room.find("user1")).toMatchObject({ status: "active", email: "user1@org1.example", orgId: "org1" });
});

const shaped = JSON.parse(good) as Record<string, unknown>;
test.each([
  ["event_payload is a number", { ...shaped, event_payload: 7 }],
  ["event_payload is a list", { ...shaped, event_payload: [] }],
  ["event_payload is text that is no base64", { ...shaped, event_payload: "%%%" }],
  ["event_payload is base64 of no JSON", { ...shaped, event_payload: Buffer.from("{").toString("base64") }],
  ["event_payload is base64 of a list", { ...shaped, event_payload: Buffer.from("[]").toString("base64") }],
  ["aggregateID is missing", { ...shaped, aggregateID: undefined }],
  ["aggregateID leads elsewhere", { ...shaped, aggregateID: "../../admin" }],
  ["aggregateID is an object", { ...shaped, aggregateID: { $ne: 1 } }],
  ["sequence is missing", { ...shaped, sequence: undefined }],
  ["sequence is negative", { ...shaped, sequence: -1 }],
  ["sequence is a fraction", { ...shaped, sequence: 1.5 }],
  ["created_at is no time", { ...shaped, created_at: "yesterday" }],
  ["event_type is missing", { ...shaped, event_type: undefined }],
  ["the body is a list", []],
  ["the body is null", null],
])("400 when %s", async (_name, body) => {
  const { room } = aRoom();
  const answer = await room.call({ body: JSON.stringify(body) });
  expect(answer).toMatchObject({ status: 400, body: { code: "invalid-input" } });
  expect(room.queued()).toBe(0);
});

test.each([
  ["is cut off", '{"aggregateID":"1"'],
  ["is empty", ""],
  ["is not UTF-8", Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
  ["is nested deeply", "[".repeat(100_000)],
])("400 when the signed body %s", async (_name, body) => {
  expect((await aRoom().room.call({ body })).status).toBe(400);
});

test("413 for 5 MB, whether or not the length is declared, before anything is checked", async () => {
  const { room } = aRoom();
  const body = "x".repeat(5_000_000);
  expect((await room.call({ body })).status).toBe(413);
  expect((await room.call({ body: good, contentLength: 5_000_000, signature: null })).status).toBe(413);
});

test("types of no concern are taken and forgotten", async () => {
  const { room } = aRoom();
  for (const event_type of ["user.human.password.changed", "session.added", "some.new.type"]) {
    const answer = await room.call({ body: JSON.stringify({ ...shaped, event_type }) });
    expect(answer).toEqual({ status: 200, body: { event: "ignored" } });
  }
  expect(room.queued()).toBe(0);
});

test("a call that is repeated within its time has no second effect", async () => {
  const { room, model, body } = aRoom();
  expect((await room.call({ body })).body).toEqual({ event: "accepted" });
  await room.work();
  const asked = model.calls();
  expect((await room.call({ body })).body).toEqual({ event: "repeated" });
  await room.work();
  expect(model.calls()).toBe(asked);
});

test("the same call fifty times at once is one event", async () => {
  const { room, body } = aRoom();
  const answers = await Promise.all(Array.from({ length: 50 }, () => room.call({ body })));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(answers.filter((answer) => answer.body["event"] === "accepted")).toHaveLength(1);
});

test("keys change without a stop: the old and the new one are good together, then the new one alone", async () => {
  const { room, body } = aRoom();
  const withKey = async (key: string): Promise<number | undefined> => (await room.call({ body, key })).status;
  const next = "the-next-signing-key-of-the-target";
  expect([await withKey(webhookKey), await withKey(next)]).toEqual([200, 401]);
  room.setSecret(webhookKeysSecret, `${webhookKey}\n${next}`);
  // Not at every wrong signature: the secret store would be at every stranger's call.
  expect(await withKey(next)).toBe(401);
  room.advance(11_000);
  expect([await withKey(next), await withKey(webhookKey)]).toEqual([200, 200]);
  room.setSecret(webhookKeysSecret, next);
  room.advance(61_000);
  expect([await withKey(next), await withKey(webhookKey)]).toEqual([200, 401]);
});

test("without a key nothing is taken, and it is said that it is our side", async () => {
  const { room, body } = aRoom();
  room.setSecret(webhookKeysSecret, " , ");
  const signature = `t=${now},v1=${hexOf(now, body, "")}`;
  expect((await room.call({ body, signature })).status).toBe(503);
});

interface Recorded {
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
}
const recorded = JSON.parse(readFileSync("scripts/recorded/zitadel-events.json", "utf8")) as readonly Recorded[];

test.each(recorded.map(({ name, body }) => [name, body] as const))("the recorded %s is taken", async (name, body) => {
  const { room } = aRoom();
  const answer = await room.call({ body: JSON.stringify(body) });
  expect(answer).toEqual({ status: 200, body: { event: name === "password-changed" ? "ignored" : "accepted" } });
});

test("nothing of a payload is kept or logged", async () => {
  const { room, added } = aRoom();
  const canary = "canary-8d1f";
  await room.call({ body: callBodyOf(added, { email: canary, encodedHash: canary, userId: canary }) });
  await room.call({ body: callBodyOf(added, { secret: canary }).slice(0, -1) });
  await room.work();
  const kept = await room.documents
    .container({ name: "events", partitionKey: "id", indexes: ["state"] }, (raw) => raw as { id: string })
    .query({ limit: 100 });
  expect(kept).toHaveLength(1);
  expect(JSON.stringify([kept, room.logged])).not.toContain(canary);
});
