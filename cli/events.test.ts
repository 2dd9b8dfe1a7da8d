import { spawn } from "node:child_process";
import { once } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const failed = (number: number) => ({
  id: `stripe:evt_${number}`,
  source: "stripe",
  type: "invoice.paid",
  receivedAt: "2026-01-01T00:00:00.000Z",
  attempts: 5,
  detail: "Error",
});

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const open = { server: undefined as Server | undefined, asked: [] as string[] };
let answerTo: (request: string) => Answer = () => ({ status: 500, body: "none" });
const token = "an-operators-token";

const answer = async (request: IncomingMessage): Promise<Answer> => {
  const line = `${request.method ?? ""} ${request.url ?? ""} ${await text(request)}`.trim();
  open.asked.push(line);
  if (request.headers.authorization !== `Bearer ${token}`) return { status: 401, body: {} };
  return answerTo(line);
};

beforeEach(async () => {
  open.asked = [];
  open.server = createServer((request, response) => {
    void answer(request).then(({ status, body }) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body)),
    );
  });
  open.server.listen(0, "127.0.0.1");
  await once(open.server, "listening");
});
afterEach(() => open.server?.close());

const kombify = async (args: readonly string[], environment: Record<string, string> = {}) => {
  const { port } = open.server?.address() as AddressInfo;
  const child = spawn(process.execPath, ["cli/main.mjs", ...args], {
    env: { PATH: process.env["PATH"], KOMBIFY_URL: `http://127.0.0.1:${port}/`, KOMBIFY_TOKEN: token, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, notes] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { out, notes, code: child.exitCode };
};

describe("kombify events list", () => {
  test("prints failed events, one a line, page after page", async () => {
    answerTo = (line) =>
      line.includes("before=2026")
        ? { status: 200, body: { events: [failed(1)], next: null } }
        : { status: 200, body: { events: [failed(2)], next: "2026#stripe:evt_2" } };
    const { out, notes, code } = await kombify(["events", "list"]);
    expect(code).toBe(0);
    expect(out.split("\n")[0]).toBe("2026-01-01T00:00:00.000Z  stripe:evt_2  invoice.paid  5 attempts  Error");
    expect(out.split("\n")).toHaveLength(3);
    expect(notes).toBe("2 failed\n");
    expect(open.asked).toEqual([
      "GET /api/admin/events?state=failed&limit=100",
      "GET /api/admin/events?state=failed&limit=100&before=2026%23stripe%3Aevt_2",
    ]);
  });

  test("prints JSON for scripts", async () => {
    answerTo = () => ({ status: 200, body: { events: [failed(1)], next: null } });
    const { out } = await kombify(["events", "list", "--state", "done", "--json"]);
    expect(JSON.parse(out)).toEqual([failed(1)]);
    expect(open.asked).toEqual(["GET /api/admin/events?state=done&limit=100"]);
  });
});

describe("kombify events replay", () => {
  test("replays what is named, each by itself", async () => {
    answerTo = (line) => ({ status: 202, body: { replayed: [line.includes("evt_1") ? "stripe:evt_1" : "other"] } });
    const { out, code } = await kombify(["events", "replay", "stripe:evt_1", "other"]);
    expect({ out, code }).toEqual({ out: "stripe:evt_1\nother\n", code: 0 });
    expect(open.asked).toEqual([
      'POST /api/admin/events/replay {"id":"stripe:evt_1"}',
      'POST /api/admin/events/replay {"id":"other"}',
    ]);
  });

  test("replays the failed ones", async () => {
    answerTo = () => ({ status: 202, body: { replayed: ["a", "b"] } });
    const { out } = await kombify(["events", "replay", "--failed", "--json"]);
    expect(JSON.parse(out)).toEqual({ replayed: ["a", "b"] });
    expect(open.asked).toEqual(['POST /api/admin/events/replay {"state":"failed"}']);
  });

  test("says what the platform says when it refuses", async () => {
    const body = { code: "not-found", detail: "There is no event with this id.", requestId: "r1" };
    answerTo = () => ({ status: 404, body });
    const { notes, code } = await kombify(["events", "replay", "stripe:nothing"]);
    expect({ notes, code }).toEqual({
      notes: "There is no event with this id. [404 not-found] (request r1)\n",
      code: 1,
    });
  });
});

test.each([
  { args: [], code: 2, says: "Usage: npx kombify" },
  { args: ["nothing"], code: 2, says: "Usage: npx kombify" },
  { args: ["events", "list", "--wrong"], code: 2, says: "Unknown option '--wrong'" },
  { args: ["events", "replay"], code: 2, says: "Name events, or say --failed." },
  { args: ["events", "replay", "x", "--failed"], code: 2, says: "Name events, or say --failed." },
  { args: ["events", "list"], environment: { KOMBIFY_TOKEN: "" }, code: 1, says: "Set KOMBIFY_TOKEN" },
  { args: ["events", "list"], environment: { KOMBIFY_TOKEN: "wrong" }, code: 1, says: "answered 401" },
  { args: ["events", "list"], environment: { KOMBIFY_URL: "http://example.org" }, code: 1, says: "must be https" },
  { args: ["events", "list"], environment: { KOMBIFY_URL: "nowhere" }, code: 1, says: "is no URL" },
  { args: ["events", "list"], environment: { KOMBIFY_URL: "http://127.0.0.1:1" }, code: 1, says: "cannot be reached" },
])("$args $environment ends with $code: $says", async ({ args, environment, code, says }) => {
  answerTo = () => ({ status: 500, body: {} });
  const answered = await kombify(args, environment);
  expect(answered).toMatchObject({ out: "", code });
  expect(answered.notes).toContain(says);
  expect(answered.notes).not.toContain(token);
});

test("help goes to stdout and names every command", async () => {
  const { out, code } = await kombify(["events", "--help"]);
  expect(code).toBe(0);
  expect(out).toMatch(/events list[\s\S]*events replay/);
});
