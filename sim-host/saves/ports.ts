/** The files below a node's /data, as one archive. */
export interface SavedNode {
  readonly name: string;
  readonly bytes: number;
  /** Of the archive, in hexadecimal digits. */
  readonly sha256: string;
}

/** The files of a simulation's nodes as they were at one moment. */
export interface Save {
  readonly tenantId: string;
  readonly simulationId: string;
  /** `save-` and 20 characters of a-z and 2-7; unlike any other tenant's. */
  readonly id: string;
  readonly createdAt: string;
  readonly nodes: readonly SavedNode[];
}

/** Saves of one tenant. There is no way to ask for anybody else's. They go with their simulation. */
export interface TenantSaves {
  /** @throws DomainError `simulation-not-found` when the simulation is gone */
  insert(save: Save): void;
  find(simulationId: string, id: string): Save | undefined;
  /** Newest first. */
  list(simulationId: string): readonly Save[];
  remove(simulationId: string, id: string): void;
  /** Of all simulations. */
  bytes(): number;
}

export interface SaveStore {
  forTenant(tenantId: string): TenantSaves;
  /** What the host itself must know of all tenants: never handed to a request. */
  readonly host: { has(id: string): boolean };
}
