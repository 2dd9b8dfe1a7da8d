import type { HostSimulations } from "../simulations/ports.ts";
import type { Database } from "./database.ts";
import { all, simulationOf } from "./rows.ts";
import type { Statements } from "./statements.ts";

/** The lowest subnets of the configured range that overlap none of these; undefined when there are too few. */
export type AllocateSubnets = (taken: ReadonlySet<string>, count: number) => readonly string[] | undefined;

interface Deps {
  readonly database: Database;
  readonly statements: Statements;
  readonly allocate: AllocateSubnets;
}

const subnets = ({
  database,
  statements,
  allocate,
}: Deps): Pick<HostSimulations, "claimSubnets" | "freeSubnet" | "listSubnets"> => {
  const claimed = (tenantId: string, simulationId: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      statements.subnetsOf.all(tenantId, simulationId).map((row) => [String(row["link"]), String(row["subnet"])]),
    );
  const listSubnets = () =>
    statements.listSubnets.all().map((row) => ({
      subnet: String(row["subnet"]),
      tenantId: String(row["tenant_id"]),
      simulationId: String(row["simulation_id"]),
      link: String(row["link"]),
    }));
  return {
    claimSubnets: (tenantId, simulationId, links) =>
      database.inTransaction(() => {
        const present = claimed(tenantId, simulationId);
        const missing = links.filter((link) => present[link] === undefined);
        const free = allocate(new Set(listSubnets().map(({ subnet }) => subnet)), missing.length);
        if (free === undefined) return undefined;
        missing.forEach((link, index) => {
          statements.claimSubnet.run(free[index] ?? "", tenantId, simulationId, link);
        });
        return claimed(tenantId, simulationId);
      }),
    freeSubnet(tenantId, simulationId, link) {
      statements.freeSubnet.run(tenantId, simulationId, link);
    },
    listSubnets,
  };
};

/** What the host itself must know of all tenants. */
export const hostSimulations = (deps: Deps): HostSimulations => {
  const { database, statements } = deps;
  return {
    ...subnets(deps),
    listActive: () => all(statements.listActive.all(), simulationOf),
    listQueued: () => all(statements.listQueued.all(), simulationOf),
    dropOperations(endedBefore) {
      statements.dropOperations.run(endedBefore);
    },
    holdLease: (engine, { holder, isGone }, untilMilliseconds, nowMilliseconds) =>
      database.inTransaction(() => {
        const lease = statements.findLease.get(engine);
        const isOurs = lease?.["holder"] === holder;
        const isOver = lease === undefined || Number(lease["until_milliseconds"]) <= nowMilliseconds;
        const isFree = isOver || (!isOurs && isGone(String(lease["holder"])));
        if (!isOurs && !isFree) return undefined;
        // The number grows with every new holder, and also when the same one comes back after its lease was over.
        const last = Number(lease?.["fence"] ?? 0);
        const fence = isOurs && !isFree ? last : last + 1;
        statements.putLease.run(engine, holder, fence, untilMilliseconds);
        return fence;
      }),
  };
};
