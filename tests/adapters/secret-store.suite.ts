import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SecretStore } from "../../shared/secrets/secret-store.ts";

/** A place for secrets; every `open` is one more process that works with it. */
export interface SecretPlace {
  readonly open: () => SecretStore;
  readonly close: () => Promise<void>;
}

/** What every store of secrets promises. */
export const describeSecretStore = (title: string, openPlace: () => Promise<SecretPlace>): void => {
  describe(title, () => {
    let place: SecretPlace;
    beforeEach(async () => {
      place = await openPlace();
    });
    afterEach(() => place.close());

    it("keeps the first value and gives it to everybody", async () => {
      const secrets = place.open();
      expect(await secrets.read("stack-superuser-a")).toBeUndefined();
      expect(await secrets.createIfAbsent("stack-superuser-a", "first ü\n")).toBe("first ü\n");
      expect(await secrets.createIfAbsent("stack-superuser-a", "second")).toBe("first ü\n");
      expect(await place.open().read("stack-superuser-a")).toBe("first ü\n");
      expect(await secrets.read("stack-superuser-b")).toBeUndefined();
    });

    it("makes racing makers agree on one value", async () => {
      const told = await Promise.all(
        Array.from({ length: 8 }, (_, index) => place.open().createIfAbsent("raced", `value ${index}`)),
      );
      expect(new Set(told).size).toBe(1);
      expect(await place.open().read("raced")).toBe(told[0]);
    });

    it("forgets what is removed, and takes a new value under the same name", async () => {
      const secrets = place.open();
      await secrets.remove("never-made");
      await secrets.createIfAbsent("again", "first");
      await secrets.createIfAbsent("other", "kept");
      await secrets.remove("again");
      expect(await secrets.read("again")).toBeUndefined();
      await place.open().remove("again");
      expect(await secrets.createIfAbsent("again", "second")).toBe("second");
      expect(await place.open().read("again")).toBe("second");
      await secrets.remove("again");
      expect(await secrets.createIfAbsent("again", "third")).toBe("third");
      expect(await secrets.read("other")).toBe("kept");
    });

    it.each(["", "a/b", "..", "A", "a.b", "a_b", "a\n", "ü", "x".repeat(128)])("refuses the name %j", async (name) => {
      const secrets = place.open();
      await expect(secrets.read(name)).rejects.toBeInstanceOf(RangeError);
      await expect(secrets.remove(name)).rejects.toBeInstanceOf(RangeError);
      await expect(secrets.createIfAbsent(name, "hidden")).rejects.toThrow(/^(?!.*hidden)/);
    });
  });
};
