import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DocumentChanged,
  DocumentConflict,
  type DocumentContainer,
  type Query,
  type Stored,
} from "../../shared/documents/document-store.ts";
import { parseThing, type Thing } from "./fixtures/documents.ts";
import { newZone, openForTests } from "./fixtures/opened-store.ts";
import type { Target } from "./fixtures/targets.ts";

/** Inside the basic plane, where all targets agree on the order of strings. */
const text = fc.string({
  unit: fc.constantFrom("a", "B", "é", "ß", " ", '"', "'", "\\", "\u0001", "０"),
  maxLength: 3,
});
const number = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
const size = fc.option(fc.oneof(text, number, fc.boolean(), fc.constant(null), fc.constant<unknown[]>([1])), {
  nil: undefined,
});
const place = { zone: fc.constantFrom("x", "y"), id: fc.constantFrom("a", "b", "c", "d") };
const thing = fc.record({ ...place, size, isOpen: fc.option(fc.boolean(), { nil: undefined }), note: fc.jsonValue() });

const bound = fc.option(fc.oneof(text, number), { nil: undefined });
const query = fc.record({
  zone: fc.option(fc.constantFrom("x", "y"), { nil: undefined }),
  isOpen: fc.option(fc.boolean(), { nil: undefined }),
  size: fc.option(fc.oneof(text, number, fc.boolean()), { nil: undefined }),
  greaterThan: bound,
  lessThan: bound,
  direction: fc.option(fc.constantFrom("ascending" as const, "descending" as const), { nil: undefined }),
  limit: fc.integer({ min: 1, max: 9 }),
});

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("create" as const), thing }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("replace" as const), thing, isStale: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("delete" as const), ...place, isStale: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("read" as const), ...place }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("query" as const), query }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
type WriteStep = Extract<Step, { do: "create" | "replace" }>;
type DeleteStep = Extract<Step, { do: "delete" }>;
type QueryStep = typeof query extends fc.Arbitrary<infer Q> ? Q : never;

/** The whole truth about a container: the documents of one run of the test, and the ETags that were once theirs. */
interface Model {
  readonly prefix: string;
  readonly documents: Map<string, Stored<Thing>>;
  readonly staleEtags: Map<string, string>;
}

const asStored = (value: unknown): Thing => parseThing(JSON.parse(JSON.stringify(value)));
const keyOf = (zone: string, id: string): string => `${zone}\n${id}`;

const rank = (value: unknown): number => (typeof value === "number" ? 1 : typeof value === "string" ? 2 : 0);
const compare = (a: unknown, b: unknown): number => {
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (typeof a === "number" && typeof b === "number") return a - b;
  return typeof a === "string" && typeof b === "string" ? (a < b ? -1 : Number(a > b)) : 0;
};
const isBeyond = (value: unknown, limit: string | number | undefined, sign: number): boolean =>
  limit === undefined || (rank(value) === rank(limit) && compare(value, limit) * sign > 0);

const toQuery = (prefix: string, wanted: QueryStep): Query => ({
  ...(wanted.zone === undefined ? {} : { partition: prefix + wanted.zone }),
  equal: {
    name: prefix,
    ...(wanted.isOpen === undefined ? {} : { isOpen: wanted.isOpen }),
    ...(wanted.size === undefined ? {} : { size: wanted.size }),
  },
  range: {
    size: {
      ...(wanted.greaterThan === undefined ? {} : { greaterThan: wanted.greaterThan }),
      ...(wanted.lessThan === undefined ? {} : { lessThan: wanted.lessThan }),
    },
  },
  ...(wanted.direction === undefined ? {} : { orderBy: { member: "size", direction: wanted.direction } }),
  limit: wanted.limit,
});

/** Each is true when the condition is not asked for. */
const isWithin = ({ zone, isOpen, size }: Thing, wanted: QueryStep, prefix: string): boolean =>
  (wanted.zone === undefined || zone === prefix + wanted.zone) &&
  (wanted.isOpen === undefined || isOpen === wanted.isOpen) &&
  (wanted.size === undefined || size === wanted.size);

const matching = ({ prefix, documents }: Model, wanted: QueryStep): Stored<Thing>[] =>
  [...documents.values()].filter(
    ({ value }) =>
      isWithin(value, wanted, prefix) &&
      isBeyond(value.size, wanted.greaterThan, 1) &&
      isBeyond(value.size, wanted.lessThan, -1) &&
      (wanted.direction === undefined || rank(value.size) > 0),
  );

const expectQuery = async (container: DocumentContainer<Thing>, model: Model, wanted: QueryStep): Promise<void> => {
  const found = await container.query(toQuery(model.prefix, wanted));
  const expected = matching(model, wanted);
  expect(found).toHaveLength(Math.min(expected.length, wanted.limit));
  for (const item of found) expect(expected).toContainEqual(item);
  expect(new Set(found.map(({ etag }) => etag)).size).toBe(found.length);
  if (wanted.direction === undefined) return;
  const sign = wanted.direction === "ascending" ? 1 : -1;
  const sizes = expected.map(({ value }) => value.size).sort((a, b) => compare(a, b) * sign);
  expect(found.map(({ value }) => value.size)).toStrictEqual(sizes.slice(0, wanted.limit));
};

const expectDelete = async (container: DocumentContainer<Thing>, model: Model, action: DeleteStep): Promise<void> => {
  const zone = model.prefix + action.zone;
  const key = keyOf(zone, action.id);
  const present = model.documents.get(key);
  const etag = (action.isStale ? model.staleEtags.get(key) : present?.etag) ?? `"never"`;
  const deletion = container.delete(zone, action.id, etag);
  if (present === undefined) return deletion;
  if (present.etag !== etag) return expect(deletion).rejects.toBeInstanceOf(DocumentChanged);
  await deletion;
  model.documents.delete(key);
  model.staleEtags.set(key, present.etag);
};

/** A create or replace, expected to be refused exactly when the map says so. */
const expectWrite = async (container: DocumentContainer<Thing>, model: Model, action: WriteStep): Promise<void> => {
  const document: Thing = { ...action.thing, zone: model.prefix + action.thing.zone, name: model.prefix };
  const key = keyOf(document.zone, document.id);
  const present = model.documents.get(key);
  const isCreate = action.do === "create";
  const etag = (isCreate || action.isStale ? model.staleEtags.get(key) : present?.etag) ?? `"never"`;
  const write = isCreate ? container.create(document) : container.replace(document, etag);
  if (isCreate ? present !== undefined : present?.etag !== etag) {
    return expect(write).rejects.toBeInstanceOf(isCreate ? DocumentConflict : DocumentChanged);
  }
  const stored = await write;
  expect(stored.value).toStrictEqual(asStored(document));
  expect(stored.etag).not.toBe(present?.etag);
  model.documents.set(key, stored);
  if (present !== undefined) model.staleEtags.set(key, present.etag);
};

const runStep = async (container: DocumentContainer<Thing>, model: Model, action: Step): Promise<void> => {
  if (action.do === "query") return expectQuery(container, model, action.query);
  if (action.do === "delete") return expectDelete(container, model, action);
  if (action.do !== "read") return expectWrite(container, model, action);
  const zone = model.prefix + action.zone;
  expect(await container.read(zone, action.id)).toStrictEqual(model.documents.get(keyOf(zone, action.id)));
};

/** Random sequences of operations, each compared with a map in memory. */
export const describeModel = (name: string, setUp: () => Promise<Target>, numRuns: number): void => {
  describe(`${name}: model`, () => {
    const { container } = openForTests(setUp);

    it("does what a map with ETags would do", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
          const model: Model = { prefix: newZone(), documents: new Map(), staleEtags: new Map() };
          for (const action of steps) await runStep(container(), model, action);
        }),
        { numRuns },
      );
    }, 60_000);
  });
};
