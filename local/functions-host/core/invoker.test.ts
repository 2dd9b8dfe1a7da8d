import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BundledApp, bundleApp } from "../fixtures/bundle-app.ts";
import { type LoadedApp, loadApp } from "./app-loader.ts";
import { AppInvoker } from "./invoker.ts";
import type { LogEntry } from "./log.ts";

describe("running functions of an unmodified app", () => {
  let bundle: BundledApp;
  let app: LoadedApp;
  let lines: LogEntry[];

  beforeEach(async () => {
    lines = [];
    bundle = await bundleApp("plain-app.ts");
    app = await loadApp({ appDirectory: bundle.appDirectory, log: (entry) => lines.push(entry) });
  });
  afterEach(() => bundle.remove());

  it("passes data in, and gives the return value, outputs and camel-cased metadata back", async () => {
    const response = await new AppInvoker(app).invoke(
      "echo",
      { input: { json: '{"a":1}' } },
      { DequeueCount: { int: 2 } },
    );
    expect(JSON.parse(response.returnValue?.json ?? "")).toEqual({ input: { a: 1 }, metadata: { dequeueCount: 2 } });
    expect(response.outputData).toEqual([{ name: "greeting", data: { string: "hello" } }]);
  });

  it("lets a preInvocation hook change the inputs", async () => {
    const response = await new AppInvoker(app).invoke("hooked", { input: { string: "mine" } });
    expect(response.returnValue).toEqual({ json: '{"changed":"by the hook"}' });
  });

  it("rejects with the app's own error", async () => {
    await expect(new AppInvoker(app).invoke("failing", { input: { string: "broken" } })).rejects.toThrow(/^broken$/);
  });

  it("lets a postInvocation hook take the error back", async () => {
    const response = await new AppInvoker(app).invoke("failing", { input: { string: "forgive me" } });
    expect(response.returnValue).toEqual({ string: "forgiven" });
  });

  it("passes log lines through the app's log hook, with the function they come from", async () => {
    await new AppInvoker(app).invoke("echo", { input: { string: "x" } });
    expect(lines).toContainEqual(
      expect.objectContaining({ level: "information", message: "a ****** word", functionName: "echo" }),
    );
  });

  it("gives up on a function after the time limit, and knows that it still runs", async () => {
    const invoker = new AppInvoker(app, { functionTimeoutMilliseconds: 20 });
    await expect(invoker.invoke("slow", { input: { string: "x" } })).rejects.toThrow(
      'Timeout value of 0.02 s exceeded by function "slow"',
    );
    expect(invoker.runningCount).toBe(1);
    await invoker.whenIdle();
    expect(invoker.runningCount).toBe(0);
  });

  it("says so when the function does not exist", async () => {
    await expect(new AppInvoker(app).invoke("nobody", {})).rejects.toThrow('no function "nobody"');
  });
});
