import type { StackAddress } from "../stack/stack.ts";

/** Whose collections are meant. */
interface Scope {
  readonly tenantId: string;
  readonly namespace: string;
}

/** A row of one of the tenant's collections, as it was read. */
export type StackRow = Readonly<Record<string, unknown>> & { readonly id: string };

export type KitCollection = "deployments" | "services" | "secrets";

export interface StackRows {
  readonly nodes: readonly StackRow[];
  readonly services: readonly StackRow[];
  readonly deployments: readonly StackRow[];
}

/**
 * One tenant's collections on its Stack instance: no call can name another tenant. Every method may be repeated.
 * @throws DomainError `stack-unavailable`
 */
export interface KitStack {
  readonly read: () => Promise<StackRows>;
  /** Creates the row with this id (15 characters of [a-z0-9]) or replaces the given members. */
  readonly put: (base: KitCollection, id: string, members: Readonly<Record<string, unknown>>) => Promise<void>;
  /** A row that is gone already is fine. */
  readonly remove: (base: KitCollection, id: string) => Promise<void>;
}

export type OpenKitStack = (address: StackAddress, tenant: Scope) => KitStack;
