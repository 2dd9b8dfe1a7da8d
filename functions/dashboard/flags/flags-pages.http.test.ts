import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildWeb } from "../../../scripts/build-web.ts";
import { openDashboard, origin } from "../../../tests/support/dashboard.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "dashboard-flags-"));
  await buildWeb(directory);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** A signed-in operator who presses buttons. */
const anOperator = async () => {
  const dashboard = openDashboard({ dashboardDirectory: join(directory, "admin") });
  const { cookie, formToken } = await dashboard.signIn();
  return {
    press: (action: string, form: Record<string, string>, headers: Record<string, string> = { origin }) =>
      dashboard.call("dashboard-flags-action", {
        ...{ params: { action }, headers: { cookie, ...headers }, form: { formToken, ...form } },
      }),
    see: (name: string, more: Parameters<typeof dashboard.call>[1] = {}) =>
      dashboard.call(name, { headers: { cookie }, ...more }),
  };
};

test("a flag is created, rolled, killed, restored and archived by forms alone", async () => {
  const { press, see } = await anOperator();
  const created = await press("create", { key: "tabs", description: "<b>Tabs</b>" });
  const location = new URL(created.headers.get("location") ?? "", "https://app.kombify.test");
  expect([created.status, location.pathname]).toEqual([303, "/admin/flags"]);
  const said = await see("dashboard-flags", { query: Object.fromEntries(location.searchParams) });
  expect(said.body).toContain("The flag is created.");
  expect((await see("dashboard-flags", { query: { done: "create" } })).body).not.toContain("The flag is created.");
  await press("roll", { key: "tabs", revision: "1", percentage: "12.5" });
  expect((await see("dashboard-flags")).body).toContain("12.5 % get on, others off");
  const asked = await see("dashboard-flags-confirm", { params: { key: "tabs", action: "kill" } });
  expect(asked.body).toContain("Everybody gets off at once");
  await press("kill", { key: "tabs", revision: "2" });
  expect((await see("dashboard-flags")).body).toContain("Killed");
  await press("restore", { key: "tabs", revision: "3" });
  const tenantId = "t00000000000000";
  const page = await see("dashboard-flags-one", { params: { key: "tabs" }, query: { tenantId, plan: "pro" } });
  expect(page.body).toContain("&lt;b&gt;Tabs&lt;/b&gt;");
  expect(page.body).not.toContain("<b>Tabs");
  expect(page.body).toMatch(/id="evaluation">(on = true \(SPLIT\)|off = false \(DEFAULT\))</);
  expect(page.body).toContain("olivia@kombify.test restored it");
  await press("archive", { key: "tabs", revision: "4" });
  expect((await see("dashboard-flags")).body).toContain("There is no flag yet.");
  expect((await see("dashboard-flags-one", { params: { key: "tabs" } })).status).toBe(404);
});

test.each([
  ["create", { key: "Bad key" }, 400],
  ["create", { key: "tabs" }, 409],
  ["roll", { key: "tabs", revision: "1", percentage: "101" }, 400],
  ["roll", { key: "tabs", revision: "1", percentage: "" }, 400],
  ["roll", { key: "tabs", revision: "1", percentage: "many" }, 400],
  ["roll", { key: "tabs", revision: "7", percentage: "5" }, 412],
  ["restore", { key: "tabs", revision: "x" }, 400],
  ["archive", { key: "other", revision: "1" }, 404],
  ["explode", { key: "tabs", revision: "1" }, 404],
])("the form %s with %j is refused on the page, with %i", async (action, form, status) => {
  const { press } = await anOperator();
  await press("create", { key: "tabs" });
  const refused = await press(action, form);
  expect(refused.status).toBe(status);
  expect(refused.body).toContain('role="alert"');
});

test("nothing is done for a form of another page or session", async () => {
  const { press, see } = await anOperator();
  expect((await press("create", { key: "tabs" }, { origin: "https://evil.example" })).status).toBe(403);
  expect((await press("create", { key: "tabs", formToken: "guessed" })).status).toBe(403);
  expect((await see("dashboard-flags")).body).toContain("There is no flag yet.");
});
