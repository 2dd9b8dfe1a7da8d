import { afterEach, describe, expect, it } from "vitest";
import { type BundledApp, bundleApp } from "../fixtures/bundle-app.ts";
import { type LoadedApp, loadApp } from "./app-loader.ts";

describe("loading an app", () => {
  let bundle: BundledApp | undefined;
  afterEach(() => bundle?.remove());

  const load = async (fixture: string, format: "cjs" | "esm" = "cjs", entry?: string): Promise<LoadedApp> => {
    bundle = await bundleApp(fixture, { format });
    return loadApp({ appDirectory: bundle.appDirectory, entry, log: () => undefined });
  };

  it.each(["cjs", "esm"] as const)("finds the functions of a %s bundle", async (format) => {
    const { registration } = await load("plain-app.ts", format);
    expect([...registration.functions.keys()]).toEqual(["echo", "hooked", "failing", "slow"]);
  });

  it("loads the same app twice in one process", async () => {
    await load("plain-app.ts");
    const again = await loadApp({ appDirectory: bundle!.appDirectory, log: () => undefined });
    expect(again.registration.functions.size).toBe(4);
  });

  it("takes an entry in place of main, a glob included", async () => {
    const { registration } = await load("plain-app.ts", "cjs", "ma*.cjs");
    expect(registration.functions.size).toBe(4);
  });

  it("refuses registrations after start-up", async () => {
    const { registration } = await load("plain-app.ts");
    expect(() => registration.register({ name: "late", bindings: {} }, () => undefined)).toThrow(
      "A function can only be registered during app startup.",
    );
  });

  it("passes on the error of an entry file that throws", async () => {
    await expect(load("throwing-app.ts")).rejects.toThrow("this app cannot start");
  });

  it("refuses two functions with one id", async () => {
    await expect(load("duplicate-app.ts")).rejects.toThrow('A function with id "twin" has already been registered.');
  });

  it("refuses HTTP streaming", async () => {
    await expect(load("streaming-app.ts")).rejects.toThrow("enableHttpStream: true }) is not supported locally");
  });

  it("refuses an entry that matches nothing", async () => {
    await expect(load("plain-app.ts", "cjs", "nowhere/*.js")).rejects.toThrow('zero files matching "nowhere/*.js"');
  });
});
