import type { InvocationContext } from "@azure/functions";
import { z } from "zod";
import type { Caller } from "../../shared/gateway/caller.ts";
import { parseInput } from "../../shared/gateway/parse-input.ts";
import { DeploymentMode, Region } from "../../shared/instances/instance.ts";
import { plainText } from "../http/plain-text.ts";

/** What operators can do, as services that know no page. The context gives access to this request's durable client. */
export interface OperatorCommands {
  provision(
    command: { readonly region: Region; readonly mode: DeploymentMode; readonly idempotencyKey: string },
    context: InvocationContext,
  ): Promise<unknown>;
  setDraining(instanceId: string, isDraining: boolean): Promise<unknown>;
  retire(instanceId: string, context: InvocationContext): Promise<unknown>;
  cancel(caller: Caller, operationId: string, context: InvocationContext): Promise<unknown>;
  retry(caller: Caller, operationId: string, context: InvocationContext): Promise<unknown>;
  acknowledge(incidentId: string, by: string): Promise<unknown>;
  resolve(incidentId: string, by: string): Promise<unknown>;
  planMaintenance(command: {
    readonly instanceId: string;
    readonly from?: string;
    readonly until: string;
    readonly reason: string;
    readonly by: string;
  }): Promise<unknown>;
  endMaintenance(windowId: string): Promise<unknown>;
}

type Fields = Readonly<Record<string, string>>;

interface Order {
  readonly fields: Fields;
  readonly caller: Caller;
  readonly context: InvocationContext;
  readonly now: Date;
}

/** What an id may be is its service's business; here it is only kept short and printable. */
const Id = z.string().regex(/^[\x21-\x7e]{1,200}$/, "is not an id");
const WithId = z.strictObject({ id: Id });
const Provision = z.strictObject({ region: Region, mode: DeploymentMode, request: z.string().regex(/^[\w-]{16,64}$/) });
const minuteMilliseconds = 60_000;
/** Days and hours that no calendar has are refused: `Date` would take some of them for a later day. */
const isTime = (text: string): boolean => {
  const time = new Date(`${text}Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text);
};
/** As `<input type="datetime-local">` sends it; the page says that it is UTC. */
const LocalTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/, "is not a date with a time")
  .refine(isTime, "is not a date with a time");
const Maintenance = z.strictObject({
  instanceId: Id,
  from: z.union([z.literal(""), LocalTime]),
  minutes: z.coerce.number().int().min(5).max(43_200),
  reason: plainText(500, "say why"),
});

const idOf = ({ fields }: Order): string => parseInput(WithId, fields).id;
const nameOf = ({ email, sub }: Caller): string => email ?? sub;

const planMaintenance = (commands: OperatorCommands, { fields, caller, now }: Order): Promise<unknown> => {
  const { from, minutes, instanceId, reason } = parseInput(Maintenance, fields);
  const begin = from === "" ? now : new Date(`${from}Z`);
  const until = new Date(begin.getTime() + minutes * minuteMilliseconds).toISOString();
  const start = from === "" ? {} : { from: begin.toISOString() };
  return commands.planMaintenance({ instanceId, ...start, until, reason, by: nameOf(caller) });
};

const runners = {
  provision: (commands, order) => {
    const { region, mode, request } = parseInput(Provision, order.fields);
    return commands.provision({ region, mode, idempotencyKey: `dashboard-${request}` }, order.context);
  },
  drain: (commands, order) => commands.setDraining(idOf(order), true),
  undrain: (commands, order) => commands.setDraining(idOf(order), false),
  retire: (commands, order) => commands.retire(idOf(order), order.context),
  cancel: (commands, order) => commands.cancel(order.caller, idOf(order), order.context),
  retry: (commands, order) => commands.retry(order.caller, idOf(order), order.context),
  acknowledge: (commands, order) => commands.acknowledge(idOf(order), nameOf(order.caller)),
  resolve: (commands, order) => commands.resolve(idOf(order), nameOf(order.caller)),
  "plan-maintenance": planMaintenance,
  "end-maintenance": (commands, order) => commands.endMaintenance(idOf(order)),
} as const satisfies Record<string, (commands: OperatorCommands, order: Order) => Promise<unknown>>;

export type ActionName = keyof typeof runners;

export const isActionName = (name: string): name is ActionName => Object.hasOwn(runners, name);

const Place = z.object({ region: Region, mode: DeploymentMode });
const Named = z.object({ id: Id });

/** What a question is asked about, checked as the action will check it. @throws DomainError `invalid-input` */
export const askedFields = (name: ActionName, given: Fields): Fields =>
  name === "provision" ? parseInput(Place, given) : parseInput(Named, given);

/** Checks the fields and does what they ask for. @throws DomainError `invalid-input`, and what the command throws */
export const runAction = (name: ActionName, commands: OperatorCommands, order: Order): Promise<unknown> =>
  runners[name](commands, order);

/** Said once on the page after the action. */
export const doneWords: Readonly<Record<ActionName, string>> = {
  provision: "The instance is being provisioned.",
  drain: "The instance takes no new tenants.",
  undrain: "The instance takes tenants again.",
  retire: "The instance is being retired.",
  cancel: "The operation is being cancelled.",
  retry: "The work was started again.",
  acknowledge: "The incident is acknowledged.",
  resolve: "The incident is resolved.",
  "plan-maintenance": "The maintenance is planned.",
  "end-maintenance": "The maintenance has ended.",
};
