import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { StackDeployments } from "../../instances/ports.ts";
import { openArmClients } from "./clients.ts";
import { localCredential } from "./credentials.ts";
import { armStackDeployments } from "./stack-deployments.ts";

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
}

const nic = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/nic-1";
const missing: Answer = { status: 404, body: JSON.stringify({ error: { code: "NotFound", message: "gone" } }) };
const listed: Answer = {
  status: 200,
  body: JSON.stringify({ value: [{ id: nic, type: "Microsoft.Network/networkInterfaces" }] }),
};

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** The adapter with the unmodified SDK against a server that answers by method and kind of resource. */
const deploymentsAt = async (answers: (method: string, path: string) => Answer): Promise<StackDeployments> => {
  const server = createServer((request, response) => {
    const { status, type = "application/json", body } = answers(request.method ?? "", request.url ?? "");
    response.writeHead(status, { "content-type": type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  const localEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return armStackDeployments({
    clients: () => openArmClients({ subscriptionId: "s", credential: localCredential("token"), localEndpoint }, "g"),
    templateUri: "http://localhost:1/stack-instance.json",
    publicBaseUrl: "http://localhost:1",
    clock: () => new Date(),
  });
};

test("a proxy's page in place of the list of resources is no proof that all is gone", async () => {
  const page: Answer = { status: 200, type: "text/html", body: "<h1>Welcome</h1>" };
  const deployments = await deploymentsAt((_method, path) => (path.includes("/resources?") ? page : missing));
  await expect(deployments.remove("stack-1")).rejects.toMatchObject({ code: "unavailable" });
});

test("nothing there is gone", async () => {
  const none: Answer = { status: 200, body: JSON.stringify({ value: [] }) };
  const deployments = await deploymentsAt((_method, path) => (path.includes("/resources?") ? none : missing));
  await expect(deployments.remove("stack-1")).resolves.toEqual({ state: "gone" });
});

test.each([
  { status: 400, code: "NicInUse" },
  { status: 409, code: "OperationNotAllowed" },
])("what something else still uses ($status $code) is removed in a later pass", async ({ status, code }) => {
  const inUse: Answer = { status, body: JSON.stringify({ error: { code, message: "still attached" } }) };
  const deployments = await deploymentsAt((method, path) => {
    if (method === "DELETE") return inUse;
    return path.includes("/resources?") ? listed : missing;
  });
  await expect(deployments.remove("stack-1")).resolves.toMatchObject({
    state: "removing",
    reason: `${code}: still attached`,
  });
});

const request = {
  ...{ instanceId: "stack-1", region: "westeurope" as const, mode: "SHARED" as const },
  ...{ superuserEmail: "root@kombify.test", superuserPassword: "p".repeat(32), reportKey: "k".repeat(32) },
};
const notJson = /Azure Resource Manager answered something that is not JSON/;

test.each<[string, Answer]>([
  ["half of an answer", { status: 200, body: `{"properties": {"provisioningState": "Succ` }],
  ["garbage", { status: 200, body: "\u0000\u0001 no JSON" }],
  ["garbage that says it was accepted", { status: 202, body: "<<<" }],
  ["a proxy's page", { status: 200, type: "text/html", body: "<h1>Welcome</h1>" }],
  ["a proxy's page as a refusal", { status: 400, body: "<h1>Bad request</h1>" }],
])("%s is no refusal: it is worth another try, and the cause is told", async (_, answer) => {
  const everywhere = await deploymentsAt(() => answer);
  const onPut = await deploymentsAt((method) => (method === "PUT" ? answer : missing));
  const attempts = [() => everywhere.check("stack-1"), () => everywhere.plan(request), () => onPut.begin(request)];
  for (const attempt of attempts) {
    const failure = await attempt().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "unavailable" });
    expect(String(failure)).toMatch(notJson);
  }
});

test("a lock is named in the resource manager's own words", async () => {
  const message = "The scope 'kombify-local' cannot perform write operation because following scope(s) are locked.";
  const locked: Answer = { status: 409, body: JSON.stringify({ error: { code: "ScopeLocked", message } }) };
  const deployments = await deploymentsAt((method) => (method === "GET" ? missing : locked));
  const reason = `ScopeLocked: ${message}`;
  expect(await deployments.begin(request)).toEqual({ state: "refused", reason });
  expect(await deployments.plan(request)).toEqual({ state: "refused", reason });
});
