import { prerelease } from "semver";
import { z } from "zod";
import { Plan } from "../tenants/plan.ts";
import { KitVersion, Slug } from "./kit.ts";

/** What is shown in lists, as one version has it. */
const Listing = z.object({ name: z.string(), summary: z.string(), minPlan: Plan, categories: z.array(z.string()) });

const KitIndexVersion = z.object({
  version: KitVersion,
  publishedAt: z.iso.datetime(),
  yankedAt: z.iso.datetime().nullable(),
  sizeBytes: z.int().min(0),
  sha256: z.string().regex(/^[a-f0-9]{64}$/),
  /** Names of blobs: the archive, and the detached JWS over it. */
  archive: z.string(),
  signature: z.string(),
  /** Missing in what was published before it was written; then the kit's own members count. */
  listing: Listing.optional(),
});

/** `index.json`: what is published. Kits by id, versions newest first; name to categories are those of the newest. */
export const KitIndex = z.object({
  revision: z.int().min(0),
  kits: z.array(Listing.extend({ id: Slug, versions: z.array(KitIndexVersion) })),
});
export type KitIndex = z.infer<typeof KitIndex>;
export type KitIndexVersion = z.infer<typeof KitIndexVersion>;

/**
 * Which version is meant when none is named: the newest that is not yanked, and a pre-release only where there is nothing else
 * (semver.org, 9: it might not be stable).
 */
export const newestOf = (versions: readonly KitIndexVersion[]): KitIndexVersion | undefined => {
  const usable = versions.filter(({ yankedAt }) => yankedAt === null);
  return usable.find(({ version }) => prerelease(version) === null) ?? usable[0];
};

export const indexBlob = "index.json";

/** Where a version lies in the container. */
export const blobsOf = (id: string, version: string) => ({
  archive: `kits/${id}/${version}.tar.gz`,
  signature: `kits/${id}/${version}.jws`,
});
