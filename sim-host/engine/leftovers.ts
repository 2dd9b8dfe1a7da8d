import type { DockerId, Owner } from "./ports.ts";

const attemptsMax = 3;

interface Leftovers {
  /** Everything that bears the labels of this tenant, simulation and part. */
  readonly list: () => Promise<readonly { readonly id: DockerId; readonly owner: Owner }[]>;
  readonly remove: (id: DockerId) => Promise<void>;
  /** Whether creating failed because something bears the name or addresses already. */
  readonly isInTheWay: (error: unknown) => boolean;
}

/**
 * Creates, and once more when something is in the way that a host before us, or we ourselves, made for the same part and lost.
 * It is removed, never adopted. What a newer holder of the lease made is left alone.
 * @throws what `create` throws, when what is in the way is not ours to remove or comes back
 */
export const createDespiteLeftovers = async <T>(
  owner: Owner,
  create: () => Promise<T>,
  { list, remove, isInTheWay }: Leftovers,
): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await create();
    } catch (error) {
      if (!isInTheWay(error) || attempt >= attemptsMax) throw error;
      const found = (await list()).filter(({ owner: other }) => other.generation <= owner.generation);
      if (found.length === 0) throw error;
      for (const { id } of found) await remove(id);
    }
  }
};
