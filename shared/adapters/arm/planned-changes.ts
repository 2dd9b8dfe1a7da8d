import type { WhatIfChange } from "@azure/arm-resourcesdeployments";
import { z } from "zod";
import type { PlannedChange } from "../../instances/ports.ts";

/** Kinds that a newer ARM may add are `unknown`. */
const kinds: Readonly<Record<string, PlannedChange["kind"] | undefined>> = {
  Create: "create",
  Delete: "delete",
  Deploy: "modify",
  Modify: "modify",
  Ignore: "none",
  NoChange: "none",
  NoEffect: "none",
  Unsupported: "unknown",
};

const Tagged = z.object({ tags: z.record(z.string(), z.string()) });

const isTagged = (resource: unknown, tag: string, value: string): boolean => {
  const parsed = Tagged.safeParse(resource);
  return parsed.success && parsed.data.tags[tag] === value;
};

/**
 * What-if's changes in our words. A resource is the instance's if it carries the tag as it is now, or lies below one that
 * does: parts of a resource (extensions, role assignments on it) carry no tags.
 */
export const plannedChanges = (changes: readonly WhatIfChange[], tag: string, value: string): PlannedChange[] => {
  const named = changes.filter(({ resourceId }) => resourceId !== undefined);
  const roots = named
    .filter(({ before }) => isTagged(before, tag, value))
    .map(({ resourceId }) => (resourceId ?? "").toLowerCase());
  return named.map(({ resourceId = "", changeType }) => {
    const id = resourceId.toLowerCase();
    const isOurs = roots.some((root) => id === root || id.startsWith(`${root}/`));
    return { resourceId, kind: kinds[changeType] ?? "unknown", isOurs };
  });
};
