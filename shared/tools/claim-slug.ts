import { DocumentChanged, DocumentConflict } from "../documents/document-store.ts";
import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { CatalogStore } from "./catalog-store.ts";

/** A claim without a tool is younger than this while its maker may still be at it. */
const graceMilliseconds = 60_000;

type Slugs = Pick<CatalogStore, "slugs" | "readTool">;

const isTaken = async ({ slugs, readTool }: Slugs, slug: string, toolId: string, now: Date): Promise<boolean> => {
  const claim = await slugs.read("tool-slug", slug);
  if (claim === undefined) return true;
  if (claim.value.key === toolId) return false;
  const owner = (await readTool(claim.value.key))?.value;
  const isYoung = now.getTime() - Date.parse(claim.value.updatedAt) < graceMilliseconds;
  if (owner?.slug === slug || isYoung) return true;
  try {
    await slugs.replace({ ...claim.value, key: toolId, updatedAt: now.toISOString() }, claim.etag);
    return false;
  } catch (error) {
    if (error instanceof DocumentChanged) return true;
    throw error;
  }
};

/**
 * Makes a slug this tool's, before the tool is written with it. Safe to repeat. A claim left behind by a crash or by a tool
 * that has moved on can be taken over after a minute. False: it is another tool's.
 */
export const claimSlug = async (store: Slugs, slug: string, toolId: string, clock: Clock): Promise<boolean> => {
  try {
    await store.slugs.create({ id: slug, kind: "tool-slug", key: toolId, updatedAt: clock().toISOString() });
    return true;
  } catch (error) {
    if (!(error instanceof DocumentConflict)) throw error;
    return !(await isTaken(store, slug, toolId, clock()));
  }
};

/** Lets a slug go, if it is still this tool's. */
export const releaseSlug = async ({ slugs }: Slugs, slug: string, toolId: string): Promise<void> => {
  const claim = await slugs.read("tool-slug", slug);
  if (claim?.value.key !== toolId) return;
  try {
    await slugs.delete("tool-slug", slug, claim.etag);
  } catch (error) {
    // Somebody has taken it over, which is as good.
    if (!(error instanceof DocumentChanged)) throw error;
  }
};

export const slugTaken = (slug: string): DomainError =>
  new DomainError("slug-taken", `Another tool has the slug ${slug}.`, {
    facts: { errors: [{ pointer: "/slug", detail: "Another tool has this slug." }] },
  });
