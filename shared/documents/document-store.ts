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

/** Bounds on one indexed member; both sides may be given. */
export interface Range {
  readonly greaterThan?: string | number;
  readonly lessThan?: string | number;
}

/**
 * Equality and range on declared members, in the order of one of them, a page at a time. Next page: `range` on the
 * ordering member, beyond the last value seen (keyset paging), so the ordering member must be unique within the result.
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
  /** @throws DocumentConflict when the id is taken in the document's partition */
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
