import type { Installation } from "./installation.ts";
import { installationsOf } from "./installation.ts";
import type { StackRows } from "./kit-stack.ts";
import type { Kit } from "./kit.ts";
import type { PublishedKits } from "./published-kits.ts";
import type { Candidate } from "./solve-dependencies.ts";
import { solveDependencies } from "./solve-dependencies.ts";

export interface DependencyPlan {
  /** What is to be installed or upgraded first, in this order. */
  readonly install: readonly { readonly id: string; readonly version: string }[];
  /** Sentences that say why no choice of versions works; empty when one does. */
  readonly conflicts: readonly string[];
}

export type KitCatalogue = Pick<PublishedKits, "index" | "open">;

/** Newer ones first: who depends on something older than this has to say so by publishing anew. */
const versionsMax = 20;
const kitsMax = 50;

const installedVersions = (installed: readonly Installation[], id: string): readonly Candidate[] =>
  installed.filter(({ kit }) => kit === id).map(({ version, dependencies }) => ({ version, dependencies }));

/** Every version that can be had of every kit that is needed, directly or not; installed ones count also when withdrawn. */
const gather = async (kit: Kit, installed: readonly Installation[], { index, open }: KitCatalogue) => {
  const { kits } = await index();
  const candidates = new Map<string, readonly Candidate[]>();
  candidates.set(kit.id, [{ version: kit.version, dependencies: kit.dependencies }]);
  const wanted = kit.dependencies.map(({ id }) => id);
  for (const id of wanted) {
    if (candidates.has(id) || candidates.size > kitsMax) continue;
    const listed = kits.get(id);
    const own = installedVersions(installed, id);
    if (listed === undefined && own.length === 0) continue;
    const published: Candidate[] = [];
    const usable = (listed?.versions ?? []).filter(({ yankedAt }) => yankedAt === null).slice(0, versionsMax);
    for (const version of usable) {
      if (listed === undefined) break;
      const { dependencies } = (await open({ kit: listed, version })).kit;
      published.push({ version: version.version, dependencies });
    }
    const known = [...own, ...published.filter(({ version }) => !own.some((each) => each.version === version))];
    candidates.set(id, known);
    // The list grows while it is gone through: what is needed has needs of its own.
    wanted.push(...known.flatMap(({ dependencies }) => dependencies.map((dependency) => dependency.id)));
  }
  return candidates;
};

/** What a kit needs in this Stack. @throws DomainError `unavailable`, `kit-unverified` */
export const planDependencies = async (kit: Kit, rows: StackRows, published: KitCatalogue): Promise<DependencyPlan> => {
  if (kit.dependencies.length === 0) return { install: [], conflicts: [] };
  const installed = installationsOf(rows).map(({ spec }) => spec);
  const versions = new Map(installed.map(({ kit: id, version }) => [id, version]));
  const wanted = { id: kit.id, range: kit.version };
  const solution = solveDependencies(wanted, await gather(kit, installed, published), versions);
  if (solution.kind === "conflict") return { install: [], conflicts: solution.reasons };
  const missing = [...solution.versions].filter(([id, version]) => id !== kit.id && versions.get(id) !== version);
  // What is needed was chosen after whoever needs it.
  return { install: missing.reverse().map(([id, version]) => ({ id, version })), conflicts: [] };
};
