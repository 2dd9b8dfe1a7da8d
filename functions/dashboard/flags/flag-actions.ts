import { z } from "zod";
import type { EditFlags } from "../../../shared/flags/edit-flags.ts";
import type { Flag } from "../../../shared/flags/flag.ts";
import { FlagFields } from "../../../shared/flags/flag.ts";
import { parseInput } from "../../../shared/gateway/parse-input.ts";
import { rolledOutTo } from "../../../shared/flags/roll-out.ts";

export interface FlagOrder {
  readonly editFlags: EditFlags;
  readonly findFlag: (key: string) => Promise<Flag>;
  readonly by: string;
  readonly fields: Readonly<Record<string, string>>;
}

const Revision = z.string().regex(/^\d{1,15}$/, "is not a revision");
const Named = z.object({ key: z.string().max(63), revision: Revision.transform(Number) });
const Roll = Named.extend({ percentage: z.string().min(1, "say how many percent").pipe(z.coerce.number()) });

const newFlag = ({ key = "", description = "" }: FlagOrder["fields"]): FlagFields =>
  parseInput(FlagFields, {
    ...{ key, description: description.trim(), variants: { on: true, off: false } },
    ...{ off: "off", otherwise: "off" },
  });

/** What the buttons do. Each is the set's next revision. @throws DomainError as the commands behind them */
export const flagActions = {
  create: ({ editFlags, by, fields }) => editFlags.create(by, newFlag(fields)),
  roll: async ({ editFlags, findFlag, by, fields }) => {
    const { key, revision, percentage } = parseInput(Roll, fields);
    const rolled = parseInput(FlagFields, rolledOutTo(await findFlag(key), percentage));
    return editFlags.update(by, revision, rolled);
  },
  kill: ({ editFlags, by, fields }) => editFlags.kill(by, parseInput(Named, fields).key),
  restore: ({ editFlags, by, fields }) => {
    const { key, revision } = parseInput(Named, fields);
    return editFlags.restore(by, key, revision);
  },
  archive: ({ editFlags, by, fields }) => {
    const { key, revision } = parseInput(Named, fields);
    return editFlags.archive(by, key, revision);
  },
} as const satisfies Readonly<Record<string, (order: FlagOrder) => Promise<Flag>>>;

export type FlagActionName = keyof typeof flagActions;
export const isFlagAction = (name: string): name is FlagActionName => Object.hasOwn(flagActions, name);

/** Said once on the page after the action. */
export const flagDoneWords: Readonly<Record<FlagActionName | "publish", string>> = {
  create: "The flag is created.",
  roll: "The rollout is on its way to every instance.",
  kill: "The flag is killed. Every instance is told.",
  restore: "The flag is live again.",
  archive: "The flag is archived.",
  publish: "Instances that lack something are asked now.",
};
