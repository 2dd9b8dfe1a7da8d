import type { RolloutState } from "../../../shared/flags/describe-rollout.ts";
import type { Flag } from "../../../shared/flags/flag.ts";
import { rolloutOf } from "../../../shared/flags/roll-out.ts";
import type { ShownState } from "../words.ts";

export const flagAddress = (key: string): string => `/admin/flags/${encodeURIComponent(key)}`;

/** The word and the icon of what an instance has. */
export const rolloutWords: Readonly<Record<RolloutState, { readonly word: string; readonly icon: ShownState }>> = {
  current: { word: "Up to date", icon: "healthy" },
  applying: { word: "Being written", icon: "provisioning" },
  behind: { word: "Behind", icon: "stale" },
  failed: { word: "Not reached", icon: "failing" },
};

const kindWords: Readonly<Record<string, string>> = { boolean: "On or off", string: "Text", number: "Number" };

export const kindOf = ({ variants }: Pick<Flag, "variants">): string =>
  kindWords[typeof Object.values(variants)[0]] ?? "None";

/** What is served, in few words. */
export const servedText = (flag: Flag): string => {
  const { killed, off, otherwise, rules } = flag;
  if (killed) return `Everybody gets ${off}`;
  const rollout = rolloutOf(flag);
  const others = rules.length - (rollout === undefined ? 0 : 1);
  const share = rollout === undefined ? [] : [`${rollout.percentage} % get ${rollout.variant}`];
  const more = others === 0 ? [] : [`${others} more ${others === 1 ? "rule" : "rules"}`];
  return [...share, ...more, `${rules.length === 0 ? "everybody gets" : "others"} ${otherwise}`].join(", ");
};
