import type { FunctionCatalog } from "./catalog.ts";

type Listed<T, K extends keyof T> = readonly Readonly<Pick<T, K>>[];

/** What is registered with the Functions host, without how it is done: plain JSON. */
export interface FunctionManifest {
  readonly http: Listed<FunctionCatalog["http"][number], "name" | "method" | "route" | "access" | "startsWorkflows">;
  readonly timers: Listed<FunctionCatalog["timers"][number], "name" | "schedule" | "startsWorkflows">;
  readonly queues: Listed<FunctionCatalog["queues"][number], "name" | "queue">;
  readonly activities: Listed<FunctionCatalog["activities"][number], "name" | "startsWorkflows">;
}

const workflows = ({ startsWorkflows }: { readonly startsWorkflows?: true }) =>
  startsWorkflows === undefined ? {} : { startsWorkflows };

export const manifestOf = ({ http, timers, queues, activities }: FunctionCatalog): FunctionManifest => ({
  http: http.map((entry) => {
    const { name, method, route, access } = entry;
    return { name, method, route, access, ...workflows(entry) };
  }),
  timers: timers.map((timer) => ({ name: timer.name, schedule: timer.schedule, ...workflows(timer) })),
  queues: queues.map(({ name, queue }) => ({ name, queue })),
  activities: activities.map((activity) => ({ name: activity.name, ...workflows(activity) })),
});
