import { DomainError } from "../kernel/errors.ts";

/** A JSON document. `id` is unique within its partition. Undefined members are not stored. */
export interface Document {
  readonly id: string;
}

/** A document as read or written, with the ETag that guards its next replace or delete. */
export interface Stored<T extends Document> {
  readonly value: T;
  readonly etag: string;
}

/** What infrastructure code and adapters must know of a container. Sizes and policies: docs/decisions/0004-documents.md. */
export interface ContainerDefinition {
  /** kebab-case, the Cosmos container's id. */
  readonly name: string;
  /** Top-level string member that is the partition key, for example `tenantId`. */
  readonly partitionKey: string;
  /** Top-level members that queries may filter or order by; nothing else is indexed. */
  readonly indexes: readonly string[];
}

export type Scalar = string | number | boolean;

/** Bounds on one indexed member; both sides may be given. Only values of the bound's own type (string, number) match. */
export interface Range {
  readonly greaterThan?: string | number;
  readonly lessThan?: string | number;
}

/**
 * Equality and range on declared members, in the order of one of them, a page at a time. Next page: `range` on the
 * ordering member, beyond the last value seen (keyset paging), so the ordering member must be unique within the result.
 * Documents whose ordering member is neither string nor number are not in the result. Beside the declared members, `id`
 * and the partition key may be named.
 */
export interface Query {
  /** Partition to look in; absent means every partition, which only operators' lists and timers need. */
  readonly partition?: string;
  readonly equal?: Readonly<Record<string, Scalar>>;
  readonly range?: Readonly<Record<string, Range>>;
  readonly orderBy?: { readonly member: string; readonly direction: "ascending" | "descending" };
  /** 1 to 500. */
  readonly limit: number;
}

/**
 * One container of documents. Guarantees rest on two primitives that are sound on every target: create-or-conflict and
 * replace/delete under the ETag that was read.
 */
export interface DocumentContainer<T extends Document> {
  /** @throws DocumentConflict when the id is taken in the document's partition; DomainError `invalid-input`, `too-large` */
  create(document: T): Promise<Stored<T>>;
  read(partition: string, id: string): Promise<Stored<T> | undefined>;
  /** @throws DocumentChanged when the document is no longer the one with this ETag, or is gone */
  replace(document: T, etag: string): Promise<Stored<T>>;
  /** @throws DocumentChanged when the document is no longer the one with this ETag; a document already gone is fine */
  delete(partition: string, id: string, etag: string): Promise<void>;
  query(query: Query): Promise<readonly Stored<T>[]>;
}

/** Opens containers. `parse` checks every document read back: what was stored by an older release is not trusted. */
export interface DocumentStore {
  container<T extends Document>(definition: ContainerDefinition, parse: (raw: unknown) => T): DocumentContainer<T>;
  close(): Promise<void>;
}

/** The id is already taken. */
export class DocumentConflict extends Error {
  override readonly name = "DocumentConflict";
}

/** The document is no longer as it was when it was read (or is gone): read again and decide again. */
export class DocumentChanged extends Error {
  override readonly name = "DocumentChanged";
}

/** A document checked and cut down to what is stored: undefined members are dropped. */
export interface StorableDocument {
  readonly partition: string;
  readonly members: Readonly<Record<string, unknown>>;
  /** `members` as JSON. */
  readonly body: string;
}

const memberName = /^[a-zA-Z][a-zA-Z0-9]*$/;
const idLetters = /^[^/\\?#\p{Cc}]+$/u;
const maxKeyLength = 255;
const maxBodyBytes = 2_000_000;
const maxLimit = 500;
/** Cosmos writes these beside a document's own members, and `ttl` makes it delete documents. */
const systemMembers = ["_rid", "_self", "_etag", "_ts", "_attachments", "ttl"];

const isKey = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.length <= maxKeyLength && value.isWellFormed();

/** Whether a document with this key can be stored at all. `.` and `..` would be taken for paths of the REST protocol. */
export const isDocumentKey = (partition: unknown, id: unknown): boolean =>
  isKey(partition) && isKey(id) && idLetters.test(id) && !id.endsWith(" ") && id !== "." && id !== "..";

/** @throws RangeError when a target could not hold a container of this definition */
export const checkDefinition = ({ name, partitionKey, indexes }: ContainerDefinition): void => {
  const members = [partitionKey, ...indexes];
  if (!/^[a-z][a-z0-9-]{2,62}$/.test(name)) throw new RangeError(`Container name ${name} is not kebab-case.`);
  const bad = members.find((member) => !memberName.test(member));
  if (bad !== undefined) throw new RangeError(`Member ${bad} of container ${name} is not letters and digits.`);
  if (new Set(indexes).size !== indexes.length) throw new RangeError(`Container ${name} declares an index twice.`);
};

/** @throws SyntaxError when `body` is not the JSON of an object */
export const parseMembers = (body: string): Readonly<Record<string, unknown>> => {
  const parsed: unknown = JSON.parse(body);
  if (typeof parsed !== "object" || parsed === null) throw new SyntaxError("A document is a JSON object.");
  return Object.fromEntries(Object.entries(parsed));
};

/**
 * Checks a document by the rules of the narrowest target, so that what one target takes the others take too.
 * @throws DomainError `invalid-input` or `too-large`
 */
export const toStorable = (definition: ContainerDefinition, document: Document): StorableDocument => {
  const body = JSON.stringify(document);
  if (Buffer.byteLength(body) > maxBodyBytes) throw new DomainError("too-large", "The document is larger than 2 MB.");
  const members = parseMembers(body);
  const partition = members[definition.partitionKey];
  if (!isKey(partition) || !isDocumentKey(partition, members["id"])) {
    throw new DomainError(
      "invalid-input",
      `The id or ${definition.partitionKey} cannot be used in ${definition.name}.`,
    );
  }
  const reserved = systemMembers.find((member) => Object.hasOwn(members, member));
  if (reserved !== undefined) throw new DomainError("invalid-input", `The member ${reserved} is reserved.`);
  const broken = definition.indexes.find((member) => isBroken(members[member]));
  if (broken !== undefined) throw new DomainError("invalid-input", `The member ${broken} is not well-formed Unicode.`);
  return { partition, members, body };
};

const isBroken = (value: unknown): boolean => typeof value === "string" && !value.isWellFormed();

/** @throws RangeError when the query names a member that is not declared, a value that has no order, or no sound limit */
export const checkQuery = (definition: ContainerDefinition, query: Query): void => {
  const { limit, equal = {}, range = {}, orderBy } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit)
    throw new RangeError(`limit must be 1 to ${maxLimit}.`);
  const known = new Set(["id", definition.partitionKey, ...definition.indexes]);
  const named = [...Object.keys(equal), ...Object.keys(range), ...(orderBy === undefined ? [] : [orderBy.member])];
  const unknown = named.find((member) => !known.has(member));
  if (unknown !== undefined) throw new RangeError(`Container ${definition.name} declares no index on ${unknown}.`);
  const values = [
    ...Object.values(equal),
    ...Object.values(range).flatMap((bounds) => Object.values<unknown>({ ...bounds })),
  ];
  if (values.some((value) => isBroken(value) || (typeof value === "number" && !Number.isFinite(value)))) {
    throw new RangeError("A query compares with finite numbers and well-formed strings only.");
  }
};
