import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serviceKeyIn } from "./service-key.ts";

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "service-key-"));
  file = join(directory, "key");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("the key of the control plane", () => {
  it("is read each time", async () => {
    const read = serviceKeyIn(file);
    await writeFile(file, "ksk_one\n");
    expect(await read()).toBe("ksk_one");
    await writeFile(file, "ksk_two");
    expect(await read()).toBe("ksk_two");
  });

  it.each(["ksk_SECRET1\nksk_SECRET2\n", "SECRET", "", "ksk_SECRET extra"])(
    "is never told of by what is none: %j",
    async (text) => {
      await writeFile(file, text);
      const failure: unknown = await serviceKeyIn(file)().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(Error);
      expect(String(failure)).not.toContain("SECRET1");
      expect(String(failure)).toContain("SERVICE_KEY_FILE");
    },
  );
});
