import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { DocumentChanged } from "../../shared/documents/document-store.ts";
import { parseThing } from "./fixtures/documents.ts";
import { openForTests, newZone } from "./fixtures/opened-store.ts";
import type { Target } from "./fixtures/targets.ts";

/** What a document store promises about queries. */
export const describeQueries = (name: string, setUp: () => Promise<Target>): void => {
  describe(`${name}: queries`, () => {
    const { store, container, valuesOf, idsOf, createAll } = openForTests(setUp);

    it("lets nobody reach a neighbour's partition", async () => {
      const [mine, theirs] = [newZone(), newZone()];
      const other = await container().create({ id: "a", zone: theirs, name: "shared name", size: 7 });
      expect(await container().query({ partition: mine, limit: 10 })).toStrictEqual([]);
      expect(await idsOf({ partition: mine, equal: { name: "shared name" }, limit: 10 })).toStrictEqual([]);
      expect(
        await idsOf({ partition: mine, orderBy: { member: "size", direction: "ascending" }, limit: 10 }),
      ).toStrictEqual([]);
      await container().delete(mine, "a", other.etag);
      await expect(container().replace({ id: "a", zone: mine }, other.etag)).rejects.toBeInstanceOf(DocumentChanged);
      expect(await container().read(theirs, "a")).toStrictEqual(other);
    });

    it("finds by equality without mixing types up", async () => {
      const zone = newZone();
      const sizes = [1, "1", true, 0, "", false, null, [1], 0.1 + 0.2, "true"];
      await createAll(sizes.map((size, index) => ({ id: `s${index}`, zone, size })));
      await container().create({ id: "none", zone });
      const found = (size: string | number | boolean) => idsOf({ partition: zone, equal: { size }, limit: 10 });
      expect(await Promise.all([1, "1", true, 0, "", false, 0.1 + 0.2, 0.3].map(found))).toStrictEqual([
        ["s0"],
        ["s1"],
        ["s2"],
        ["s3"],
        ["s4"],
        ["s5"],
        ["s8"],
        [],
      ]);
    });

    it("finds by several conditions, and across partitions when no partition is named", async () => {
      const [here, there, name] = [newZone(), newZone(), `name-${randomUUID()}`];
      await createAll([
        { id: "a", zone: here, name, size: 1, isOpen: true },
        { id: "b", zone: here, name, size: 2, isOpen: false },
        { id: "c", zone: there, name, size: 3, isOpen: true },
        { id: "d", zone: there, name: "another", size: 4, isOpen: true },
      ]);
      expect(
        await idsOf({ equal: { name, isOpen: true }, orderBy: { member: "size", direction: "descending" }, limit: 10 }),
      ).toStrictEqual(["c", "a"]);
      expect(await idsOf({ partition: here, equal: { name, isOpen: true }, limit: 10 })).toStrictEqual(["a"]);
      expect(await idsOf({ equal: { name, zone: there }, limit: 10 })).toStrictEqual(["c"]);
      expect(await idsOf({ equal: { name, id: "b" }, limit: 10 })).toStrictEqual(["b"]);
    });

    it("keeps a range inside its type and without its bounds", async () => {
      const zone = newZone();
      const sizes = [-2, 0, 2.5, 10, "", "a", "b", "ba", true, null];
      await createAll(sizes.map((size, index) => ({ id: `s${index}`, zone, size })));
      const orderBy = { member: "size", direction: "ascending" } as const;
      const found = async (size: { greaterThan?: string | number; lessThan?: string | number }) =>
        (await valuesOf({ partition: zone, range: { size }, orderBy, limit: 20 })).map((value) => value.size);
      expect(await found({ greaterThan: 0 })).toStrictEqual([2.5, 10]);
      expect(await found({ lessThan: 2.5 })).toStrictEqual([-2, 0]);
      expect(await found({ greaterThan: -2, lessThan: 10 })).toStrictEqual([0, 2.5]);
      expect(await found({ greaterThan: "a" })).toStrictEqual(["b", "ba"]);
      expect(await found({ lessThan: "b" })).toStrictEqual(["", "a"]);
      expect(await found({ greaterThan: 0, lessThan: "b" })).toStrictEqual([]);
    });

    it("orders numbers before strings and leaves out what has no order", async () => {
      const zone = newZone();
      await createAll(["b", 2, "", true, null, "a", -1, [3]].map((size, index) => ({ id: `s${index}`, zone, size })));
      await container().create({ id: "none", zone });
      const sizes = async (direction: "ascending" | "descending") =>
        (await valuesOf({ partition: zone, orderBy: { member: "size", direction }, limit: 20 })).map(
          ({ size }) => size,
        );
      expect(await sizes("ascending")).toStrictEqual([-1, 2, "", "a", "b"]);
      expect(await sizes("descending")).toStrictEqual(["b", "a", "", 2, -1]);
    });

    it("limits, and walks 500 documents by keyset in both directions without a gap or a repeat", async () => {
      const zone = newZone();
      const names = Array.from({ length: 500 }, (_, index) => String((index * 7919) % 500).padStart(4, "0"));
      await createAll(
        names.flatMap((name, index) => [
          { id: `n${index}`, zone, name, isOpen: index % 5 !== 0 },
          ...(index % 10 === 0 ? [{ id: `n${index}`, zone: `${zone}-other`, name, isOpen: true }] : []),
        ]),
      );
      const walk = async (direction: "ascending" | "descending"): Promise<string[]> => {
        const seen: string[] = [];
        for (;;) {
          const last = seen.at(-1);
          const beyond = direction === "ascending" ? "greaterThan" : "lessThan";
          const range = last === undefined ? {} : { range: { name: { [beyond]: last } } };
          const page = await valuesOf({
            partition: zone,
            equal: { isOpen: true },
            ...range,
            orderBy: { member: "name", direction },
            limit: 37,
          });
          if (page.length === 0) return seen;
          expect(page.length).toBeLessThanOrEqual(37);
          seen.push(...page.map((value) => value.name ?? ""));
        }
      };
      const expected = names.filter((_, index) => index % 5 !== 0).sort();
      expect(await walk("ascending")).toStrictEqual(expected);
      expect(await walk("descending")).toStrictEqual(expected.toReversed());
      expect(await container().query({ partition: zone, limit: 500 })).toHaveLength(500);
      expect(await container().query({ partition: zone, limit: 1 })).toHaveLength(1);
    }, 60_000);

    it("keeps unicode, control characters and JSON's own letters as they are", async () => {
      const zone = `zone "ü" 😀 ' -- / ? # % & ${randomUUID()}`;
      const tricky = [
        "",
        " ",
        "' OR 1=1 --",
        `"`,
        "\\",
        "\u0000x",
        "\n\t",
        "é",
        "e\u0301",
        "😀",
        "\u2028",
        "@p0",
        "%41",
        "null",
        "\uffff",
      ];
      await createAll(
        tricky.map((name, index) => ({ id: `t${index}`, zone, name, list: [name], [`k ${name}`]: name })),
      );
      for (const [index, name] of tricky.entries()) {
        const [found, ...more] = await valuesOf({ partition: zone, equal: { name }, limit: 10 });
        expect(more).toStrictEqual([]);
        expect(found).toStrictEqual({ id: `t${index}`, zone, name, list: [name], [`k ${name}`]: name });
        expect((await container().read(zone, `t${index}`))?.value).toStrictEqual(found);
      }
    });

    it("refuses queries that a target could not answer soundly", async () => {
      const ascending = "ascending" as const;
      for (const limit of [0, -1, 1.5, 501, Number.NaN])
        await expect(container().query({ limit })).rejects.toBeInstanceOf(RangeError);
      await expect(container().query({ equal: { deep: 1 }, limit: 1 })).rejects.toThrow("declares no index on deep");
      await expect(container().query({ range: { 'x"] = 1 --': { lessThan: 1 } }, limit: 1 })).rejects.toBeInstanceOf(
        RangeError,
      );
      await expect(
        container().query({ orderBy: { member: "deep", direction: ascending }, limit: 1 }),
      ).rejects.toBeInstanceOf(RangeError);
      await expect(container().query({ equal: { size: Number.NaN }, limit: 1 })).rejects.toBeInstanceOf(RangeError);
      expect(() => store().container({ name: "Bad Name", partitionKey: "id", indexes: [] }, parseThing)).toThrow(
        RangeError,
      );
      expect(() => store().container({ name: "fine", partitionKey: "id", indexes: ['a"'] }, parseThing)).toThrow(
        RangeError,
      );
    });
  });
};
