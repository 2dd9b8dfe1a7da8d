/** The twin of kong/plugins/kombify-stack/paths.lua: pure, and held to the same paths.cases.json. */

const instancePattern = /^\/stacks\/([a-z0-9][a-z0-9-]{0,38})(\/.*)?$/;

/** Default ids of PocketBase's system collections (`pbc_` + crc32): its API takes an id wherever it takes a name. */
const systemCollectionIds = new Set([
  "pbc_3142635823",
  "pbc_4275539003",
  "pbc_2281828961",
  "pbc_2279338944",
  "pbc_1638494021",
]);

const isTenantCollection = (name: string): boolean => !name.startsWith("_") && !systemCollectionIds.has(name);

interface Door {
  readonly pattern: RegExp;
  readonly methods: readonly string[];
}

const reading = ["GET", "HEAD"];

/** What a tenant's browser needs of PocketBase. A first capture group is a collection, by name or id. */
const doors: readonly Door[] = [
  { pattern: /^\/$/, methods: reading },
  { pattern: /^\/[A-Za-z0-9][\w-]*\.(?:css|html|ico|js|png|svg|txt|webmanifest)$/, methods: reading },
  { pattern: /^\/assets\/[\w./-]+$/, methods: reading },
  { pattern: /^\/(?:health|ready|api\/health)$/, methods: reading },
  { pattern: /^\/api\/realtime$/, methods: ["GET", "POST"] },
  { pattern: /^\/api\/files\/token$/, methods: ["POST"] },
  { pattern: /^\/api\/files\/(\w+)\/\w+\/[\w.-]+$/, methods: reading },
  { pattern: /^\/api\/collections\/(\w+)\/records$/, methods: [...reading, "POST"] },
  { pattern: /^\/api\/collections\/(\w+)\/records\/\w+$/, methods: [...reading, "PATCH", "DELETE"] },
  { pattern: /^\/api\/collections\/(\w+)\/auth-refresh$/, methods: ["POST"] },
];

const isOpen = (path: string, method: string): boolean =>
  doors.some(({ pattern, methods }) => {
    const match = pattern.exec(path);
    return match !== null && methods.includes(method) && isTenantCollection(match[1] ?? "");
  });

export type StackTarget =
  | { readonly kind: "forward"; readonly instance: string; readonly path: string }
  | { readonly kind: "redirect"; readonly location: string }
  | { readonly kind: "refuse" };

/** Where a normalised, escaped path below `/stacks/` leads; everything that is not listed is refused. */
export const stackTarget = (path: string, method: string): StackTarget => {
  const match = instancePattern.exec(path);
  const instance = match?.[1];
  if (instance === undefined) return { kind: "refuse" };
  const rest = match?.[2];
  // Without the slash, relative links of the page would leave the instance.
  if (rest === undefined) return { kind: "redirect", location: `/stacks/${instance}/` };
  return isOpen(rest, method) ? { kind: "forward", instance, path: rest } : { kind: "refuse" };
};

const pageOnly = { "content-security-policy": "frame-ancestors 'none'", "x-frame-options": "DENY" };

/**
 * Pages of a Stack are asked for again each time, so that a new release is seen at once, and are never framed: the page
 * cannot say the latter of itself. Answers of the API keep their own headers.
 */
export const stackPageHeaders = (path: string): Readonly<Record<string, string>> | null => {
  if (path.startsWith("/api/")) return null;
  return path.startsWith("/assets/") ? pageOnly : { ...pageOnly, "cache-control": "no-cache" };
};
