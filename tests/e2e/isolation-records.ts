import type PocketBase from "pocketbase";
import { baseNames, collectionName, type BaseName } from "../../shared/stack/namespace.ts";

/** Stands in every record of the attacked tenant and must never be seen by others. */
export const canary = "canary-of-the-attacked-tenant";

interface SeededRecord {
  readonly id: string;
  /** Of the record's file, where the base has one. */
  readonly file: string;
}
export type SeededRecords = Readonly<Record<BaseName, SeededRecord>>;

/** The text member of each base that carries the canary. */
export const textMember: Readonly<Record<BaseName, string>> = {
  users: "name",
  nodes: "name",
  services: "name",
  deployments: "kitId",
  jobs: "kind",
  events: "kind",
  secrets: "name",
  settings: "key",
  flags: "key",
};

/** A body that PocketBase takes for a new record of each base. */
export const bodyOf = (base: BaseName, text: string, userId: string): Readonly<Record<string, unknown>> => {
  const bodies: Readonly<Record<BaseName, Readonly<Record<string, unknown>>>> = {
    users: { name: text, role: "admin", password: "a-password-nobody-uses", passwordConfirm: "a-password-nobody-uses" },
    nodes: { name: text, kind: "virtual", role: "worker", status: "online" },
    services: { name: text, status: "running" },
    deployments: { kitId: text, status: "pending", requestedBy: userId },
    jobs: { kind: text, status: "queued", payload: { text } },
    events: { kind: text, severity: "info", message: text },
    secrets: { name: text, value: text },
    settings: { key: text, value: text },
    flags: { key: text, value: text, variant: "on", reason: "STATIC", revision: 1 },
  };
  return bodies[base];
};

const onePixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

const fileOf = (base: BaseName): Readonly<Record<string, File>> => {
  if (base === "users") return { avatar: new File([onePixel], "avatar.png", { type: "image/png" }) };
  return base === "deployments" ? { output: new File([canary], "output.txt", { type: "text/plain" }) } : {};
};

/** One record of each base, made by the superuser. */
export const seedRecords = async (root: PocketBase, namespace: string, text: string): Promise<SeededRecords> => {
  const entries: [BaseName, SeededRecord][] = [];
  let userId = "";
  let nodeId = "";
  for (const base of baseNames) {
    const body = { ...bodyOf(base, text, userId), ...(base === "services" ? { node: nodeId } : {}), ...fileOf(base) };
    const record = await root
      .collection(collectionName(base, namespace))
      .create<{ id: string; avatar?: string; output?: string }>(body);
    if (base === "users") userId = record.id;
    if (base === "nodes") nodeId = record.id;
    entries.push([base, { id: record.id, file: record.avatar ?? record.output ?? "" }]);
  }
  return Object.fromEntries(entries) as Record<BaseName, SeededRecord>;
};
