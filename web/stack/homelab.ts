import { shape, text } from "../page/shape.ts";

export const nodeStatuses = ["pending", "online", "offline", "maintenance", "failed"] as const;
export const nodeKinds = ["physical", "virtual", "container", "cloud", "simulated"] as const;
export const nodeRoles = ["controller", "worker", "storage", "gateway"] as const;

export const readNode = shape({
  id: text,
  name: text,
  hostname: text,
  address: text,
  kind: text,
  role: text,
  status: text,
});
export type HomelabNode = ReturnType<typeof readNode>;

export const readService = shape({ id: text, name: text, node: text, image: text, version: text, status: text });
export type Service = ReturnType<typeof readService>;

export const readDeployment = shape({ id: text, kitId: text, kitVersion: text, status: text, created: text });
export type Deployment = ReturnType<typeof readDeployment>;

export const readEvent = shape({ id: text, kind: text, severity: text, message: text, created: text });
export type HomelabEvent = ReturnType<typeof readEvent>;

const tones: Readonly<Record<string, string>> = {
  ...{ online: "good", running: "good", succeeded: "good" },
  ...{ maintenance: "warn", degraded: "warn", warning: "warn", pending: "warn" },
  ...{ failed: "bad", error: "bad", critical: "bad" },
};

/** The colour class of a state; the word itself always stands beside it. */
export const toneOf = (state: string): string => tones[state] ?? "";
