import type { DocumentStore, Query } from "../documents/document-store.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { changeDocument, healthContainer, readAll } from "./health-container.ts";
import type { CurrentIncident } from "./incident.ts";
import { Incident, incidentDocument } from "./incident.ts";

export interface IncidentStore {
  /** Makes the incident's document say what the watch says; may be repeated. */
  record(instanceId: string, current: CurrentIncident): Promise<Incident | undefined>;
  find(id: string): Promise<Incident | undefined>;
  /** Applies a change under If-Match; undefined leaves it. Answers undefined if there is no such incident. */
  change(id: string, change: (incident: Incident) => Incident | undefined): Promise<Incident | undefined>;
  /** Open and acknowledged ones, oldest first. */
  unresolved(): Promise<readonly Incident[]>;
  /** The newest resolved ones. */
  resolved(limit: number): Promise<readonly Incident[]>;
}

const idForm = /^([a-z0-9][a-z0-9-]{0,99})\.\d{1,9}$/;

/** The instance an incident (or maintenance window) id belongs to: its partition. */
const instanceOf = (id: string): string | undefined => idForm.exec(id)?.[1];

export const openIncidentStore = (store: DocumentStore, contention: RetryPolicy): IncidentStore => {
  const incidents = store.container(healthContainer, (raw) => Incident.parse(raw));
  const inState = (state: Incident["state"]) => readAll(incidents, { kind: "incident", state });
  return {
    record: (instanceId, current) =>
      changeDocument(incidents, contention, { partition: instanceId, id: current.id }, (existing) => {
        const next = incidentDocument(instanceId, current, existing);
        return JSON.stringify(next) === JSON.stringify(existing) ? undefined : next;
      }),
    find: async (id) => {
      const partition = instanceOf(id);
      return partition === undefined ? undefined : (await incidents.read(partition, id))?.value;
    },
    change: async (id, change) => {
      const partition = instanceOf(id);
      if (partition === undefined) return undefined;
      const key = { partition, id };
      return changeDocument(incidents, contention, key, (existing) =>
        existing === undefined ? undefined : change(existing),
      );
    },
    unresolved: async () => {
      const both = [...(await inState("open")), ...(await inState("acknowledged"))];
      return both.toSorted((one, other) => one.sortKey.localeCompare(other.sortKey));
    },
    async resolved(limit) {
      const newest: Query["orderBy"] = { member: "sortKey", direction: "descending" };
      const found = await incidents.query({ equal: { kind: "incident", state: "resolved" }, orderBy: newest, limit });
      return found.map(({ value }) => value);
    },
  };
};
