import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildWeb } from "../../scripts/build-web.ts";
import { openDashboard, origin } from "../../tests/support/dashboard.ts";

let directory: string;
let dashboardDirectory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "dashboard-http-"));
  await buildWeb(directory);
  dashboardDirectory = join(directory, "admin");
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const open = (more: Partial<Parameters<typeof openDashboard>[0]> = {}) =>
  openDashboard({ dashboardDirectory, ...more });
const own = { origin };

describe("signing in", () => {
  it("keeps the session in a cookie that no script, other path or plain connection gets", async () => {
    const { call } = open();
    const begun = await call("dashboard-sign-in");
    const [pending] = begun.cookies;
    expect(pending).toMatchObject({ path: "/admin", httpOnly: true, sameSite: "Lax", secure: true, maxAge: 600 });
    expect(pending?.name).toMatch(/^__Secure-/);
    const state = new URL(begun.headers.get("location") ?? "").searchParams.get("state") ?? "";
    const cookie = `${pending?.name ?? ""}=${pending?.value ?? ""}`;
    const ended = await call("dashboard-callback", { query: { state, code: "good" }, headers: { cookie } });
    expect([ended.status, ended.headers.get("location")]).toEqual([303, "/admin"]);
    const [session, cleared] = ended.cookies;
    expect(session).toMatchObject({ path: "/admin", httpOnly: true, sameSite: "Lax", secure: true, maxAge: 3600 });
    expect(session?.value).not.toContain("access-token");
    expect(cleared).toMatchObject({ name: pending?.name, value: "", maxAge: 0 });
  });

  it("works on plain http on this machine, where the browser would keep no secure cookie", async () => {
    const { call } = open({ publicOrigin: "http://localhost:8000" });
    expect((await call("dashboard-sign-in")).cookies[0]).toMatchObject({
      secure: false,
      name: "kombify-admin-sign-in",
    });
  });

  it.each([
    ["another state", { state: "x".repeat(43), code: "good" }],
    ["no state", { code: "good" }],
    ["no code", { state: "own" }],
    ["a stranger's code", { state: "own", code: "evil" }],
    ["the provider's refusal", { state: "own", error: "access_denied" }],
  ])("refuses %s", async (_, query: Record<string, string>) => {
    const { call } = open();
    const begun = await call("dashboard-sign-in");
    const cookie = `${begun.cookies[0]?.name ?? ""}=${begun.cookies[0]?.value ?? ""}`;
    const state = new URL(begun.headers.get("location") ?? "").searchParams.get("state") ?? "";
    const sent = query["state"] === "own" ? { ...query, state } : query;
    const answer = await call("dashboard-callback", { query: sent, headers: { cookie } });
    expect([answer.status, answer.cookies.length]).toEqual([401, 0]);
  });

  it("refuses an answer in a browser that never asked, and one kept for another purpose", async () => {
    const { call, signIn } = open();
    expect((await call("dashboard-callback", { query: { state: "s", code: "good" } })).status).toBe(401);
    const { cookie } = await signIn();
    const swapped = cookie.replace("__Secure-kombify-admin=", "__Secure-kombify-admin-sign-in=");
    const answer = await call("dashboard-callback", {
      query: { state: "s", code: "good" },
      headers: { cookie: swapped },
    });
    expect(answer.status).toBe(401);
  });

  it.each(["https://evil.test", "//evil.test", "/\\evil.test"])("leads to nobody else's page: %s", async (target) => {
    const { call } = open();
    const query = { return: target, redirect: target, returnTo: target, next: target, redirect_uri: target };
    const begun = await call("dashboard-sign-in", { query });
    expect(begun.headers.get("location")).toMatch(/^https:\/\/id\.kombify\.test\//);
    expect(begun.headers.get("location")).not.toContain("evil");
  });
});

describe("visiting", () => {
  it("shows the fleet to operators, under a strict policy and kept by nobody", async () => {
    const { call, signIn } = open();
    const { cookie } = await signIn();
    const { status, headers, body } = await call("dashboard", { headers: { cookie } });
    expect(status).toBe(200);
    expect(body).toContain("stack-westeurope-1");
    expect(headers.get("cache-control")).toBe("no-store");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(body).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=/);
  });

  it("says nothing again when only the time has passed", async () => {
    const { call, signIn } = open();
    const { cookie } = await signIn();
    const etag = (await call("dashboard", { headers: { cookie } })).headers.get("etag") ?? "";
    const again = await call("dashboard", { headers: { cookie, "if-none-match": etag } });
    expect([again.status, again.body]).toEqual([304, ""]);
    const other = await signIn();
    const foreign = await call("dashboard", { headers: { cookie: other.cookie, "if-none-match": etag } });
    expect(foreign.status).toBe(200);
  });

  it("asks strangers to sign in, without sending them anywhere", async () => {
    const { call } = open();
    const { status, body } = await call("dashboard");
    expect(status).toBe(200);
    expect(body).toContain('href="/admin/sign-in"');
    expect(body).not.toContain("stack-westeurope-1");
  });

  it("forgets a session that is over and begins again, once", async () => {
    const { call, signIn, become } = open();
    const { cookie } = await signIn();
    become("expired");
    const answer = await call("dashboard", { headers: { cookie } });
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/admin/sign-in"]);
    expect(answer.cookies[0]).toMatchObject({ value: "", maxAge: 0 });
    expect((await call("dashboard", { headers: { cookie, "x-kombify-live": "1" } })).status).toBe(401);
    // The new token is refused as well: that ends on a page.
    const begun = await call("dashboard-sign-in");
    const pending = `${begun.cookies[0]?.name ?? ""}=${begun.cookies[0]?.value ?? ""}`;
    const state = new URL(begun.headers.get("location") ?? "").searchParams.get("state") ?? "";
    const ended = await call("dashboard-callback", { query: { state, code: "good" }, headers: { cookie: pending } });
    expect([ended.status, ended.cookies.length]).toEqual([401, 0]);
  });

  it("tells people who operate nothing so, and lets them sign out", async () => {
    const { call, signIn, become, calls } = open();
    const { cookie, formToken } = await signIn();
    become("member");
    const { status, body } = await call("dashboard", { headers: { cookie } });
    expect(status).toBe(403);
    expect(body).toContain('action="/admin/sign-out"');
    expect(body).not.toContain("stack-westeurope-1");
    const form = { formToken, id: "stack-westeurope-1" };
    const acted = await call("dashboard-action", { params: { action: "drain" }, headers: { cookie, ...own }, form });
    expect([acted.status, calls]).toEqual([403, []]);
    const out = await call("dashboard-sign-out", { headers: { cookie, ...own }, form: { formToken } });
    expect([out.status, out.cookies[0]?.maxAge]).toEqual([303, 0]);
  });

  it("says so when sign-ins cannot be checked, and keeps the session", async () => {
    const { call, signIn, become } = open();
    const { cookie } = await signIn();
    become("provider-down");
    const answer = await call("dashboard", { headers: { cookie } });
    expect([answer.status, answer.cookies.length]).toEqual([503, 0]);
    expect(answer.headers.get("content-type")).toContain("text/html");
  });
});

describe("acting", () => {
  const form = { id: "stack-westeurope-1" };

  it("does what the form says and shows the fleet again", async () => {
    const { call, signIn, calls } = open();
    const { cookie, formToken } = await signIn();
    const headers = { cookie, ...own };
    const sent = { ...form, formToken };
    const answer = await call("dashboard-action", { params: { action: "drain" }, headers, form: sent });
    const location = new URL(answer.headers.get("location") ?? "", origin);
    expect([answer.status, location.pathname]).toEqual([303, "/admin"]);
    await call("dashboard-action", { params: { action: "acknowledge" }, headers, form: sent });
    expect(calls).toEqual([
      ["setDraining", "stack-westeurope-1", true],
      ["acknowledge", "stack-westeurope-1", "olivia@kombify.test"],
    ]);
    const after = await call("dashboard", { headers: { cookie }, query: Object.fromEntries(location.searchParams) });
    expect(after.body).toContain("The instance takes no new tenants.");
  });

  it("says that something was done to the session that did it only, and not for long", async () => {
    let now = new Date();
    const { call, signIn } = open({ clock: () => now });
    const [{ cookie, formToken }, other] = [await signIn(), await signIn()];
    const sent = { params: { action: "retire" }, headers: { cookie, ...own }, form: { ...form, formToken } };
    const location = new URL((await call("dashboard-action", sent)).headers.get("location") ?? "", origin);
    const done = location.searchParams.get("done") ?? "";
    const says = async (query: string, who = cookie): Promise<boolean> => {
      const { status, body } = await call("dashboard", { headers: { cookie: who }, query: { done: query } });
      expect(status).toBe(200);
      return body.includes('id="flash"');
    };
    expect(await says(done)).toBe(true);
    expect(await says(done, other.cookie)).toBe(false);
    const [, until = "", proof = ""] = done.split(".");
    const forged = [
      "retire",
      "",
      `drain.${until}.${proof}`,
      `retire.${Number(until) + 60}.${proof}`,
      `retire.${until}.`,
    ];
    for (const each of forged) expect(await says(each)).toBe(false);
    now = new Date(now.getTime() + 61_000);
    expect(await says(done)).toBe(false);
  });

  it.each([
    ["provision", { region: "mars", mode: "SHARED" }],
    ["provision", { region: "westeurope", mode: "X" }],
    ["provision", {}],
    ["retire", {}],
    ["drain", { id: "two words" }],
  ])("asks nothing that it would refuse to do: %s %j", async (action, query: Record<string, string>) => {
    const { call, signIn } = open();
    const { cookie } = await signIn();
    const { status, headers, body } = await call("dashboard-confirm", {
      params: { action },
      query,
      headers: { cookie },
    });
    expect([status, headers.get("content-type")]).toEqual([400, "text/html; charset=utf-8"]);
    expect(body).not.toContain('<form method="post" action="/admin/actions/');
  });

  it.each([
    ["another page", { origin: "https://evil.test" }],
    ["a page without an origin", { origin: "null" }],
    ["a page of a sibling site", { "sec-fetch-site": "same-site" }],
    ["no page at all", {}],
  ])("does nothing for a form of %s", async (_, headers: Record<string, string>) => {
    const { call, signIn, calls } = open();
    const { cookie, formToken } = await signIn();
    const sent = { params: { action: "drain" }, headers: { cookie, ...headers }, form: { ...form, formToken } };
    expect((await call("dashboard-action", sent)).status).toBe(403);
    expect(calls).toEqual([]);
  });

  it("does nothing for a form of another session", async () => {
    const { call, signIn, calls } = open();
    const [one, other] = [await signIn(), await signIn()];
    for (const formToken of [other.formToken, "", "x"]) {
      const sent = {
        params: { action: "drain" },
        headers: { cookie: one.cookie, ...own },
        form: { ...form, formToken },
      };
      expect((await call("dashboard-action", sent)).status).toBe(403);
    }
    expect(calls).toEqual([]);
  });

  it("asks before it retires, and gives a provisioning a name of its own so that twice is once", async () => {
    const { call, signIn, calls } = open();
    const { cookie, formToken } = await signIn();
    const asked = await call("dashboard-confirm", { params: { action: "retire" }, query: form, headers: { cookie } });
    expect(asked.body).toContain("This cannot be undone.");
    const query = { region: "westeurope", mode: "SHARED" };
    const provision = await call("dashboard-confirm", { params: { action: "provision" }, query, headers: { cookie } });
    const request = /name="request" value="([^"]+)"/.exec(provision.body)?.[1] ?? "";
    const sent = { ...query, request, formToken };
    await call("dashboard-action", { params: { action: "provision" }, headers: { cookie, ...own }, form: sent });
    expect(calls).toEqual([
      ["provision", { region: "westeurope", mode: "SHARED", idempotencyKey: `dashboard-${request}` }],
    ]);
    const unknown = await call("dashboard-confirm", { params: { action: "__proto__" }, headers: { cookie } });
    expect(unknown.status).toBe(404);
  });

  it("shows a refusal where the form is, with what was typed", async () => {
    const { call, signIn, calls } = open();
    const { cookie, formToken } = await signIn();
    const typed = {
      formToken,
      instanceId: "stack-westeurope-1",
      from: "soon",
      minutes: "60",
      reason: "New & <bold> disk",
    };
    const sent = { params: { action: "plan-maintenance" }, headers: { cookie, ...own }, form: typed };
    const answer = await call("dashboard-action", sent);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('role="alert"');
    expect(answer.body).toContain('value="New &amp; &lt;bold&gt; disk"');
    expect(calls).toEqual([]);
  });

  const plan = { instanceId: "stack-westeurope-1", from: "", minutes: "60", reason: "New disk" };

  it.each([
    ["a month that is none", { from: "2026-13-45T99:99" }, "not a date"],
    ["a day that February never has", { from: "2027-02-30T10:00" }, "not a date"],
    ["an hour that is the next day's", { from: "2027-02-28T24:00" }, "not a date"],
    ["a reason with a null character", { reason: "New\u0000disk" }, "control characters"],
    ["a reason that turns the direction of writing", { reason: "New\u202eksid" }, "control characters"],
    ["no reason", { reason: "  " }, "say why"],
  ])("plans no maintenance with %s, and says so", async (_, change: Record<string, string>, words) => {
    const { call, signIn, calls } = open();
    const { cookie, formToken } = await signIn();
    const sent = { params: { action: "plan-maintenance" }, headers: { cookie, ...own } };
    const answer = await call("dashboard-action", { ...sent, form: { ...plan, ...change, formToken } });
    expect([answer.status, calls]).toEqual([400, []]);
    expect(answer.body).toContain(words);
  });

  it("plans maintenance for the time that was typed, a leap day's too", async () => {
    const { call, signIn, calls } = open();
    const { cookie, formToken } = await signIn();
    const sent = { params: { action: "plan-maintenance" }, headers: { cookie, ...own } };
    await call("dashboard-action", { ...sent, form: { ...plan, from: "2028-02-29T23:30", formToken } });
    expect(calls).toMatchObject([
      ["planMaintenance", { from: "2028-02-29T23:30:00.000Z", until: "2028-03-01T00:30:00.000Z" }],
    ]);
  });
});

it("stays far below 150 kB of script", async () => {
  const assets = join(dashboardDirectory, "assets");
  const scripts = (await readdir(assets)).filter((name) => name.endsWith(".js"));
  const sizes = await Promise.all(scripts.map(async (name) => (await stat(join(assets, name))).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(40_000);
});

it("serves its assets, and nothing that the build did not list", async () => {
  const { call } = open();
  const [script = ""] = (await readdir(join(dashboardDirectory, "assets"))).filter((name) => name.endsWith(".js"));
  expect((await call("dashboard-assets", { params: { path: script } })).headers.get("cache-control")).toContain(
    "immutable",
  );
  for (const path of ["../page.json", "page.json", "", "__proto__"]) {
    expect((await call("dashboard-assets", { params: { path } })).status).toBe(404);
  }
});
