import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { DocumentChanged, DocumentConflict } from "../../shared/documents/document-store.ts";
import { parseThing, singles, things, type Thing } from "./fixtures/documents.ts";
import { openForTests, newZone } from "./fixtures/opened-store.ts";
import type { Target } from "./fixtures/targets.ts";

const invalidInput: unknown = expect.objectContaining({ name: "DomainError", code: "invalid-input" });

/** What a document store promises about single documents, and what it refuses to hold. */
export const describeDocuments = (name: string, setUp: () => Promise<Target>): void => {
  describe(`${name}: documents`, () => {
    const { store, container, idsOf } = openForTests(setUp);

    it("reads back what was created, with the ETag of the write and nothing of the store's own", async () => {
      const thing: Thing = {
        id: "a",
        zone: newZone(),
        name: "first",
        size: 1.5,
        isOpen: false,
        deep: { list: [1, null] },
      };
      const created = await container().create(thing);
      expect(created.value).toStrictEqual(thing);
      expect(created.etag).not.toBe("");
      expect(await container().read(thing.zone, "a")).toStrictEqual(created);
    });

    it("refuses an id that is taken and keeps the first document", async () => {
      const zone = newZone();
      const first = await container().create({ id: "a", zone, name: "first" });
      await expect(container().create({ id: "a", zone, name: "second" })).rejects.toBeInstanceOf(DocumentConflict);
      expect(await container().read(zone, "a")).toStrictEqual(first);
    });

    it("keeps the same id in two partitions apart", async () => {
      const [here, there] = [newZone(), newZone()];
      await container().create({ id: "a", zone: here, name: "here" });
      const other = await container().create({ id: "a", zone: there, name: "there" });
      const mine = await container().read(here, "a");
      await container().delete(here, "a", mine?.etag ?? "");
      expect(await container().read(here, "a")).toBeUndefined();
      expect(await container().read(there, "a")).toStrictEqual(other);
    });

    it("answers undefined for what is not there", async () => {
      const zone = newZone();
      await container().create({ id: "a", zone });
      expect(await container().read(zone, "b")).toBeUndefined();
      expect(await container().read(newZone(), "a")).toBeUndefined();
      for (const impossible of ["", "a/b", "..", "x".repeat(300)]) {
        expect(await container().read(zone, impossible)).toBeUndefined();
      }
    });

    it("replaces under the present ETag only", async () => {
      const zone = newZone();
      const first = await container().create({ id: "a", zone, size: 1 });
      const second = await container().replace({ id: "a", zone, size: 2 }, first.etag);
      expect(second.etag).not.toBe(first.etag);
      await expect(container().replace({ id: "a", zone, size: 3 }, first.etag)).rejects.toBeInstanceOf(DocumentChanged);
      for (const noGuard of ["", "*", `"other"`, "a\nb"]) {
        await expect(container().replace({ id: "a", zone, size: 3 }, noGuard)).rejects.toBeInstanceOf(DocumentChanged);
      }
      expect(await container().read(zone, "a")).toStrictEqual(second);
    });

    it("changes the ETag by a replace with the same content", async () => {
      const zone = newZone();
      const first = await container().create({ id: "a", zone });
      const second = await container().replace(first.value, first.etag);
      expect(second.etag).not.toBe(first.etag);
    });

    it("does not replace what is gone, nor what was made anew under the same id", async () => {
      const zone = newZone();
      const first = await container().create({ id: "a", zone, size: 1 });
      await container().delete(zone, "a", first.etag);
      await expect(container().replace({ id: "a", zone, size: 2 }, first.etag)).rejects.toBeInstanceOf(DocumentChanged);
      expect(await container().read(zone, "a")).toBeUndefined();
      const again = await container().create({ id: "a", zone, size: 1 });
      await expect(container().replace({ id: "a", zone, size: 2 }, first.etag)).rejects.toBeInstanceOf(DocumentChanged);
      expect(await container().read(zone, "a")).toStrictEqual(again);
    });

    it("deletes under the present ETag only, and twice is fine", async () => {
      const zone = newZone();
      const first = await container().create({ id: "a", zone, size: 1 });
      const second = await container().replace({ id: "a", zone, size: 2 }, first.etag);
      for (const stale of [first.etag, "", "*"]) {
        await expect(container().delete(zone, "a", stale)).rejects.toBeInstanceOf(DocumentChanged);
      }
      expect(await container().read(zone, "a")).toStrictEqual(second);
      await container().delete(zone, "a", second.etag);
      await container().delete(zone, "a", second.etag);
      expect(await container().read(zone, "a")).toBeUndefined();
    });

    it("takes every id that is allowed and addresses exactly that document", async () => {
      const zone = newZone();
      const ids = [
        "slug:a",
        "a b",
        "%2F",
        "100%",
        "é",
        "😀",
        "a.b",
        "...",
        "'\"`;",
        "A",
        "a",
        "x".repeat(255),
        "+",
        "&=",
        "constructor",
      ];
      for (const id of ids) {
        const { etag } = await container().create({ id, zone, name: id });
        const replaced = await container().replace({ id, zone, name: `${id}!` }, etag);
        expect(await container().read(zone, id)).toStrictEqual(replaced);
      }
      expect(
        (await container().query({ partition: zone, limit: 100 })).map(({ value }) => value.id).sort(),
      ).toStrictEqual(ids.toSorted());
      for (const id of ids) await container().delete(zone, id, (await container().read(zone, id))?.etag ?? "");
      expect(await container().query({ partition: zone, limit: 100 })).toStrictEqual([]);
    });

    it.each(["", "a/b", "a\\b", "a?b", "a#b", ".", "..", "x".repeat(256), "a\u0000", "\ud800", "a "])(
      "refuses the id %j",
      async (id) => {
        await expect(container().create({ id, zone: newZone() })).rejects.toEqual(invalidInput);
        await expect(container().replace({ id, zone: newZone() }, `"e"`)).rejects.toEqual(invalidInput);
      },
    );

    it("refuses documents that not every target could hold", async () => {
      const zone = newZone();
      await expect(container().create({ id: "a", zone: "" })).rejects.toEqual(invalidInput);
      await expect(container().create({ id: "a", zone, _etag: "mine" })).rejects.toEqual(invalidInput);
      await expect(container().create({ id: "a", zone, ttl: 60 })).rejects.toEqual(invalidInput);
      await expect(container().create({ id: "a", zone, name: "\udc00" })).rejects.toEqual(invalidInput);
      await expect(container().create({ id: "a", zone, big: "x".repeat(2_000_000) })).rejects.toMatchObject({
        code: "too-large",
      });
      expect(await container().query({ partition: zone, limit: 10 })).toStrictEqual([]);
    });

    it("drops undefined members", async () => {
      const zone = newZone();
      const created = await container().create({
        id: "a",
        zone,
        gone: undefined,
        inside: { gone: undefined, kept: null },
      });
      expect(created.value).toStrictEqual({ id: "a", zone, inside: { kept: null } });
      expect((await container().read(zone, "a"))?.value).toStrictEqual(created.value);
    });

    it("treats __proto__ as a member like any other", async () => {
      const zone = newZone();
      const thing = parseThing(
        JSON.parse(`{"id":"a","zone":"${zone}","name":"proto","__proto__":{"isOpen":true},"constructor":1}`),
      );
      await container().create(thing);
      const read = await container().read(zone, "a");
      expect(JSON.parse(JSON.stringify(read?.value))).toStrictEqual(JSON.parse(JSON.stringify(thing)));
      expect(Object.keys(read?.value ?? {})).toContain("__proto__");
      expect(read?.value.isOpen).toBeUndefined();
      expect(await idsOf({ partition: zone, equal: { isOpen: true }, limit: 10 })).toStrictEqual([]);
      expect(await idsOf({ partition: zone, equal: { name: "proto" }, limit: 10 })).toStrictEqual(["a"]);
      expect(Object.prototype).not.toHaveProperty("isOpen");
    });

    it("carries a document of 100 kB", async () => {
      const thing = {
        id: "a",
        zone: newZone(),
        name: "big",
        text: "äöü😀".repeat(10_000),
        slots: Array.from({ length: 2000 }, (_, n) => ({ n })),
      };
      const created = await container().create(thing);
      expect((await container().read(thing.zone, "a"))?.value).toStrictEqual(thing);
      const { etag } = await container().replace({ ...thing, size: 1 }, created.etag);
      expect((await container().query({ partition: thing.zone, limit: 1 }))[0]).toStrictEqual({
        value: { ...thing, size: 1 },
        etag,
      });
    });

    it("shows what its parser refuses, before it is stored and when it was stored by somebody else", async () => {
      const zone = newZone();
      const strict = store().container(things, (raw) => {
        const thing = parseThing(raw);
        if (thing.name === undefined) throw new TypeError("A name is missing.");
        return thing;
      });
      await expect(strict.create({ id: "a", zone })).rejects.toThrow("A name is missing.");
      expect(await container().read(zone, "a")).toBeUndefined();
      const { etag } = await container().create({ id: "a", zone });
      await expect(strict.read(zone, "a")).rejects.toThrow("A name is missing.");
      await expect(strict.query({ partition: zone, limit: 10 })).rejects.toThrow("A name is missing.");
      await expect(strict.replace({ id: "a", zone }, etag)).rejects.toThrow("A name is missing.");
    });

    it("works where the id is the partition key", async () => {
      const ones = store().container(singles, parseThing);
      const [id, name] = [`one-${randomUUID()}`, `name-${randomUUID()}`];
      const created = await ones.create({ id, zone: "any", name });
      await expect(ones.create({ id, zone: "other", name })).rejects.toBeInstanceOf(DocumentConflict);
      expect(await ones.read(id, id)).toStrictEqual(created);
      expect(await ones.query({ equal: { name }, limit: 2 })).toStrictEqual([created]);
      expect(await ones.query({ partition: id, limit: 2 })).toStrictEqual([created]);
      await ones.delete(id, id, created.etag);
      expect(await ones.read(id, id)).toBeUndefined();
    });
  });
};
