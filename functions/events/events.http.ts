import { z } from "zod";
import type { EventStore, KeptEvent } from "../../shared/events/event-store.ts";
import { EventState } from "../../shared/events/event.ts";
import type { ReplayEvents } from "../../shared/events/replay-event.ts";
import { parseInput } from "../../shared/gateway/parse-input.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";
import { readJson } from "../http/read-json.ts";

interface Deps {
  readonly readOperator: ReadCaller;
  readonly events: Pick<EventStore, "list">;
  readonly replayEvents: ReplayEvents;
}

const limitMax = 100;
const Search = z.strictObject({
  state: EventState.default("failed"),
  limit: z.coerce.number().int().min(1).max(limitMax).default(50),
  before: z.string().max(400).optional(),
});
const Replay = z.union([
  z.strictObject({ id: z.string().min(1).max(255) }),
  z.strictObject({ state: z.literal("failed") }),
]);

/** What operators see of an event. */
const eventView = ({ sortKey: _sortKey, leaseUntil: _leaseUntil, dueAt: _dueAt, ...event }: KeptEvent) => event;

/** `GET /api/admin/events?state=failed&limit=50&before=`: newest first; `next` is `before` of the next page, or null. */
export const listEventsHttp = ({ readOperator, events }: Deps): HttpFunction => ({
  name: "list-events",
  method: "GET",
  route: "api/admin/events",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const { state, limit, before } = parseInput(Search, Object.fromEntries(request.query));
    const found = await events.list(state, limit, before);
    const next = found.length === limit ? (found.at(-1)?.sortKey ?? null) : null;
    return json(200, { events: found.map(eventView), next });
  },
});

/** `POST /api/admin/events/replay` `{id}`, or `{state: "failed"}` for up to 100 of them: 202 `{replayed: [id]}`. */
export const replayEventsHttp = ({ readOperator, replayEvents }: Deps): HttpFunction => ({
  name: "replay-events",
  method: "POST",
  route: "api/admin/events/replay",
  access: "gateway",
  handler: async (request) => {
    const { email, sub } = await readOperator(request);
    const by = email ?? sub;
    const wanted = await readJson(request, Replay);
    if (!("id" in wanted)) return json(202, { replayed: await replayEvents.failed(limitMax, by) });
    await replayEvents.one(wanted.id, by);
    return json(202, { replayed: [wanted.id] });
  },
});
