import { z } from "zod";
import { isPlainText } from "../../shared/kernel/plain-text.ts";
import type { Quantity } from "./quantities.ts";
import { memory, milliseconds, percentage, rate, seconds } from "./quantities.ts";
import type { Rule } from "./rules.ts";

/** Everything of a run is over by then. */
export const runSecondsMax = 24 * 3_600;

const wordBytesMax = 4_000;
const encoder = new TextEncoder();

/** A strict object whose complaint about an unknown member names the known ones. */
export const members = <Shape extends z.core.$ZodShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code }) =>
      code === "unrecognized_keys" ? `Known here are: ${Object.keys(shape).join(", ")}.` : undefined,
  });

interface Bounds {
  /** In the unit of the value that comes out. */
  readonly min: number;
  readonly max: number;
  /** The bounds as people write them. */
  readonly words: string;
  readonly isWhole?: boolean;
}

const quantity = ({ pattern, examples, valueOf }: Quantity, bounds: Bounds) => {
  const error = `Write it with its unit, as in ${examples.join(" or ")}.`;
  return z
    .string({ error })
    .regex(pattern, { error, abort: true })
    .meta({ description: `${bounds.words}.`, examples: [...examples] })
    .transform((text, context) => {
      const value = valueOf(text) ?? Number.NaN;
      const isWithin = value >= bounds.min && value <= bounds.max;
      if (isWithin && (bounds.isWhole !== true || Number.isInteger(value))) return value;
      const whole = isWithin ? ", in whole steps" : "";
      context.issues.push({ code: "custom", message: `It must be ${bounds.words}${whole}.`, input: text });
      return z.NEVER;
    });
};

export const Delay = quantity(milliseconds, { min: 0, max: 60_000, words: "0ms to 60s" });
export const Share = quantity(percentage, { min: 0, max: 100, words: "0% to 100%" });
export const Rate = quantity(rate, { min: 8_000, max: 1e10, words: "8kbit to 10gbit", isWhole: true });
export const Memory = quantity(memory, { min: 8, max: 16_384, words: "8MB to 16GB", isWhole: true });
export const Moment = quantity(seconds, { min: 0, max: runSecondsMax, words: "0s to 24h" });
export const Span = quantity(seconds, { min: 0.1, max: runSecondsMax, words: "100ms to 24h" });
export const Interval = quantity(seconds, { min: 1, max: 600, words: "1s to 10m" });
export const Timeout = quantity(seconds, { min: 0.1, max: 300, words: "100ms to 5m" });

/** Words of every container's hosts file, and those that lead from an object to what all objects share. */
const reserved: readonly string[] = [
  ...["localhost", "ip6-localhost", "ip6-loopback", "ip6-localnet", "ip6-mcastprefix", "ip6-allnodes"],
  ...["ip6-allrouters", "constructor", "prototype"],
];
/** As keys they are refused wherever they are. */
export const refusedKeys: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** The rule that a complaint is reported under. */
export const ruled = (rule: Rule) => ({ params: { rule } });

/** Of a node or a link; a DNS label, for nodes are found by it. */
export const Name = z
  .string()
  .regex(/^([a-z]|[a-z][a-z0-9-]{0,30}[a-z0-9])$/, {
    error: "A name has 1 to 32 lower-case letters, digits and hyphens; first a letter, and no hyphen last.",
    abort: true,
  })
  .refine((name) => !reserved.includes(name), {
    error: "This name means something else in every node. Take another one.",
    ...ruled("topology/name-reserved"),
  })
  .meta({ maxLength: 32 });

/** For people. */
export const Line = z
  .string()
  .min(1)
  .max(100)
  .refine((text) => isPlainText(text) && text.trim() === text, {
    error: "It must be one line without hidden characters and without spaces around it.",
  });

/** One of a command, or the value of a variable. */
export const Word = z
  .string()
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, { error: "Control characters are refused, line breaks and tabs too.", abort: true })
  .refine((text) => encoder.encode(text).length <= wordBytesMax, {
    error: `At most ${wordBytesMax} bytes are allowed.`,
  })
  .meta({ maxLength: wordBytesMax });
