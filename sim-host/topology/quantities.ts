const amountOf = (text: string, factors: Readonly<Record<string, number>>): number | undefined => {
  const [, amount = "", unit = ""] = /^(\d{1,9}(?:\.\d{1,6})?)([A-Za-z%]+)$/.exec(text) ?? [];
  const factor = Object.hasOwn(factors, unit) ? factors[unit] : undefined;
  // A millionth of the unit is finer than anything that can be set; more digits are what binary fractions leave over.
  return factor === undefined ? undefined : Math.round(Number(amount) * factor * 1e6) / 1e6;
};

const secondsOf = { ms: 0.001, s: 1, m: 60, h: 3_600 } as const;
const millisecondsOf = { ms: 1, s: 1e3, m: 6e4, h: 3.6e6 } as const;
const bitsOf = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 } as const;
const megabytesOf = { MB: 1, GB: 1_024 } as const;

/** A kind of quantity as people write it: an amount and its unit, without a space. */
export interface Quantity {
  /** For the JSON Schema; what it lets pass has a value. */
  readonly pattern: RegExp;
  readonly examples: readonly [string, string];
  /** Undefined for what is not written like this. */
  readonly valueOf: (text: string) => number | undefined;
}

const patternOf = (units: Readonly<Record<string, number>>): RegExp =>
  new RegExp(`^\\d{1,9}(\\.\\d{1,6})?(${Object.keys(units).join("|")})$`);

const quantity = (units: Readonly<Record<string, number>>, examples: readonly [string, string]): Quantity => ({
  pattern: patternOf(units),
  examples,
  valueOf: (text) => amountOf(text, units),
});

/** Units ms, s, m, h. */
export const seconds = quantity(secondsOf, ["30s", "2m"]);
/** Units ms, s, m, h. */
export const milliseconds = quantity(millisecondsOf, ["20ms", "1.5s"]);
/** The value is 0-100 (or more: bounds are the schema's). */
export const percentage = quantity({ "%": 1 }, ["1%", "0.1%"]);
/** Units bit, kbit, mbit, gbit a second, in thousands, as networks have it; the value is bits a second. */
export const rate = quantity(bitsOf, ["512kbit", "10mbit"]);
/** Units MB and GB, in powers of 1,024, as Docker has it; the value is megabytes. */
export const memory = quantity(megabytesOf, ["64MB", "1GB"]);
