import type { Engine, Owner } from "./ports.ts";

/** Between the host's id and the tenant's; neither has it. */
const separator = "~";

/**
 * The same engine, of which one host sees and makes only what is its own: several hosts, each with a database of its own,
 * may share an engine without taking each other's simulations for orphans. `hostId`: lower-case letters and digits.
 */
export const ownedEngine = <T extends Engine>(engine: T, hostId: string): T => {
  const prefix = `${hostId}${separator}`;
  const outside = <W extends { readonly owner: Owner }>(wish: W): W => ({
    ...wish,
    owner: { ...wish.owner, tenantId: `${prefix}${wish.owner.tenantId}` },
  });
  const inside = <S extends { readonly owner: Owner }>(seen: S): readonly S[] => {
    const { tenantId } = seen.owner;
    if (!tenantId.startsWith(prefix)) return [];
    return [{ ...seen, owner: { ...seen.owner, tenantId: tenantId.slice(prefix.length) } }];
  };
  return {
    ...engine,
    async list(only) {
      const asked = only === undefined ? undefined : { ...only, tenantId: `${prefix}${only.tenantId}` };
      const { containers, networks } = await engine.list(asked);
      return { containers: containers.flatMap(inside), networks: networks.flatMap(inside) };
    },
    createNetwork: (wish) => engine.createNetwork(outside(wish)),
    createContainer: (wish) => engine.createContainer(outside(wish)),
    async inspect(id) {
      const seen = await engine.inspect(id);
      return seen === undefined ? undefined : inside(seen)[0];
    },
    async *watch(signal) {
      for await (const change of engine.watch(signal)) yield* inside(change);
    },
  };
};
