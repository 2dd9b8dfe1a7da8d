import { parseArgs } from "node:util";
import { z } from "zod";
import type { Command, CommandGroup } from "./command.ts";
import { UsageError } from "./failures.ts";

const Events = z.object({
  events: z.array(
    z.looseObject({
      id: z.string(),
      type: z.string(),
      receivedAt: z.string(),
      attempts: z.number(),
      detail: z.string().nullable(),
    }),
  ),
  next: z.string().nullable(),
});
type Found = z.infer<typeof Events>["events"];
const Replayed = z.object({ replayed: z.array(z.string()) });

const pageSize = 100;
/** Of one call; who has more failed events than these replays again. */
const pagesMax = 50;

const list: Command = {
  name: "list",
  usage: "[--state received|done|ignored|failed] [--json]",
  summary: "Vendors' events, newest first; the failed ones unless told otherwise.",
  async run(args, { platform, print, note }) {
    const { values } = parseArgs({
      args: [...args],
      options: { state: { type: "string", default: "failed" }, json: { type: "boolean", default: false } },
    });
    const found: Found = [];
    let before: string | null = null;
    for (let page = 0; page < pagesMax; page += 1) {
      const query = new URLSearchParams({ state: values.state, limit: String(pageSize) });
      if (before !== null) query.set("before", before);
      const { events, next }: z.infer<typeof Events> = await platform.get(`/api/admin/events?${query}`, Events);
      found.push(...events);
      before = next;
      if (next === null) break;
    }
    if (values.json) print(JSON.stringify(found));
    else for (const event of found) print(lineOf(event));
    note(`${found.length} ${values.state}${before === null ? "" : ", and more"}`);
  },
};

const lineOf = ({ id, type, receivedAt, attempts, detail }: Found[number]): string =>
  [receivedAt, id, type, `${attempts} attempts`, detail ?? "-"].join("  ");

const replay: Command = {
  name: "replay",
  usage: "(<event id>... | --failed) [--json]",
  summary: "Has events handled anew: those named, or up to 100 of the failed ones.",
  async run(args, { platform, print, note }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { failed: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
    });
    if (values.failed === positionals.length > 0) throw new UsageError("Name events, or say --failed.");
    const bodies = values.failed ? [{ state: "failed" }] : positionals.map((id) => ({ id }));
    const all: string[] = [];
    for (const body of bodies) {
      const { replayed } = await platform.post("/api/admin/events/replay", body, Replayed);
      all.push(...replayed);
      if (!values.json) for (const id of replayed) print(id);
    }
    if (values.json) print(JSON.stringify({ replayed: all }));
    note(`${all.length} replayed`);
  },
};

export const eventsGroup: CommandGroup = { name: "events", commands: [list, replay] };
