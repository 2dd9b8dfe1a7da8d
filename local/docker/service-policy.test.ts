import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { restoreServicePolicy, withoutServiceStarts } from "./service-policy.ts";

let directory = "";
let policyFile = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "service-policy-"));
  policyFile = join(directory, "policy-rc.d");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** What invoke-rc.d asks. */
const answer = (): number => {
  try {
    execFileSync(policyFile, ["docker", "start"]);
    return 0;
  } catch (error) {
    return error instanceof Error && "status" in error ? Number(error.status) : -1;
  }
};

describe("an installation without starts of services", () => {
  it("forbids them while it goes on, and leaves nothing", async () => {
    let during = -1;
    await withoutServiceStarts(policyFile, () => {
      during = answer();
      return Promise.resolve();
    });
    expect(during).toBe(101);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("puts a policy that was there back, also when it fails", async () => {
    writeFileSync(policyFile, "#!/bin/sh\nexit 0\n");
    chmodSync(policyFile, 0o755);
    let during = -1;
    const failing = withoutServiceStarts(policyFile, () => {
      during = answer();
      return Promise.reject(new Error("apt failed"));
    });
    await expect(failing).rejects.toThrow("apt failed");
    expect(during).toBe(101);
    expect(answer()).toBe(0);
    expect(readdirSync(directory)).toEqual(["policy-rc.d"]);
  });

  it("that was killed is cleared up after, whether there was a policy or not", () => {
    const killed = new Promise<void>(() => undefined);
    void withoutServiceStarts(policyFile, () => killed);
    restoreServicePolicy(policyFile);
    expect(readdirSync(directory)).toEqual([]);
    writeFileSync(policyFile, "mine");
    void withoutServiceStarts(policyFile, () => killed);
    expect(readFileSync(policyFile, "utf8")).not.toBe("mine");
    restoreServicePolicy(policyFile);
    expect(readFileSync(policyFile, "utf8")).toBe("mine");
    restoreServicePolicy(policyFile);
    expect(existsSync(policyFile)).toBe(true);
  });
});
