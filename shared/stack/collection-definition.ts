/** A rule of a collection: a filter that must hold; null means superusers only. `""` (everybody) is never used here. */
type Rule = string | null;

/** One field as PocketBase's import takes it. Options beyond these are the field type's own. */
export interface FieldDefinition {
  readonly name: string;
  readonly type: string;
  readonly required?: boolean;
  /** Of a file field: served only with a file token of somebody who may view the record. */
  readonly protected?: boolean;
  /** Of a relation field: the target. */
  readonly collectionId?: string;
  readonly [option: string]: unknown;
}

export interface CollectionRules {
  readonly listRule: Rule;
  readonly viewRule: Rule;
  readonly createRule: Rule;
  readonly updateRule: Rule;
  readonly deleteRule: Rule;
}

/** One collection as `POST /api/collections/import` takes it (docs/decisions/0003-stack-collections.md). */
export interface CollectionDefinition extends CollectionRules {
  readonly id: string;
  readonly name: string;
  readonly type: "base" | "auth";
  readonly fields: readonly FieldDefinition[];
  readonly indexes: readonly string[];
  readonly [option: string]: unknown;
}

export const text = (name: string, options: Readonly<Record<string, unknown>> = {}): FieldDefinition => ({
  name,
  type: "text",
  max: 255,
  ...options,
});

/** One of a few words; left out it is empty, so that a record needs no more than its name. */
export const select = (name: string, values: readonly string[], required = false): FieldDefinition => ({
  name,
  type: "select",
  required,
  maxSelect: 1,
  values,
});

export const wholeNumber = (name: string): FieldDefinition => ({ name, type: "number", onlyInt: true, min: 0 });

export const json = (name: string, maxSizeBytes = 65_536): FieldDefinition => ({
  name,
  type: "json",
  maxSize: maxSizeBytes,
});

export const date = (name: string): FieldDefinition => ({ name, type: "date" });

export const relation = (
  name: string,
  targetId: string,
  { required, cascadeDelete }: { readonly required: boolean; readonly cascadeDelete: boolean },
): FieldDefinition => ({ name, type: "relation", collectionId: targetId, maxSelect: 1, required, cascadeDelete });

/** When the record was made and last changed; set by PocketBase. */
export const timestamps: readonly FieldDefinition[] = [
  { name: "created", type: "autodate", onCreate: true, onUpdate: false },
  { name: "updated", type: "autodate", onCreate: true, onUpdate: true },
];
