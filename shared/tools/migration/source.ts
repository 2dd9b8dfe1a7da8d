import type { SourceLogin } from "./source-login.ts";

/** A record as the source gives it. */
export type SourceRecord = Readonly<Record<string, unknown>> & { readonly id: string };

export interface SourceField {
  readonly name: string;
  readonly type: string;
}

export interface SourceCollection {
  readonly id: string;
  readonly name: string;
  readonly fields: readonly SourceField[];
}

/** A PocketBase that a catalog is read from, and never written to. */
export interface CatalogSource {
  /** Every ordinary collection. @throws DomainError `unavailable`, `forbidden` (login refused) */
  collections(): Promise<readonly SourceCollection[]>;
  count(collection: string): Promise<number>;
  /** Records whose id comes after `after`, in the order of ids: stable while others write. */
  page(collection: string, after: string, limit: number): Promise<readonly SourceRecord[]>;
  /** As `page`, ids only. */
  ids(collection: string, after: string, limit: number): Promise<readonly string[]>;
}

export type OpenSource = (url: string, login: SourceLogin) => CatalogSource;
