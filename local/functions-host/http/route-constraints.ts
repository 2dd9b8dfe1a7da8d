/** Says whether a decoded route value satisfies one inline constraint. */
export type RouteConstraint = (value: string) => boolean;

const integerIn = (lowest: bigint, highest: bigint): RouteConstraint => {
  return (value) => {
    if (!/^\s*[-+]?\d+\s*$/.test(value)) return false;
    const number = BigInt(value.trim().replace(/^\+/, ""));
    return number >= lowest && number <= highest;
  };
};

const longLowest = -(2n ** 63n);
const longHighest = 2n ** 63n - 1n;
const isInteger = integerIn(-(2n ** 31n), 2n ** 31n - 1n);
const isLong = integerIn(longLowest, longHighest);
const isNumber: RouteConstraint = (value) => /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(value);
const isDecimal: RouteConstraint = (value) => /^\s*[-+]?(\d+\.?\d*|\.\d+)\s*$/.test(value);
const isGuid: RouteConstraint = (value) =>
  /^([0-9a-f]{32}|[{(]?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}[)}]?)$/i.test(value);

const plainConstraints: Readonly<Record<string, RouteConstraint>> = {
  int: isInteger,
  long: isLong,
  bool: (value) => /^(true|false)$/i.test(value),
  guid: isGuid,
  alpha: (value) => /^[a-z]*$/i.test(value),
  decimal: isDecimal,
  float: isNumber,
  double: isNumber,
  datetime: (value) => !Number.isNaN(Date.parse(value)),
  required: (value) => value !== "",
};

const wholeNumbers = (name: string, text: string, counts: readonly number[]): readonly number[] => {
  const numbers = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (!counts.includes(numbers.length) || !numbers.every(Number.isSafeInteger)) {
    throw new Error(`The route constraint "${name}(${text})" needs ${counts.join(" or ")} whole number(s).`);
  }
  return numbers;
};

const between = (lowest: number, highest: number): ((number: number) => boolean) => {
  return (number) => number >= lowest && number <= highest;
};

const constraintsWithArguments: Readonly<Record<string, (text: string) => RouteConstraint>> = {
  min: (text) => integerIn(BigInt(wholeNumbers("min", text, [1])[0] ?? 0), longHighest),
  max: (text) => integerIn(longLowest, BigInt(wholeNumbers("max", text, [1])[0] ?? 0)),
  range: (text) => {
    const [lowest = 0, highest = 0] = wholeNumbers("range", text, [2]);
    return integerIn(BigInt(lowest), BigInt(highest));
  },
  length: (text) => {
    const [lowest = 0, highest = lowest] = wholeNumbers("length", text, [1, 2]);
    const fits = between(lowest, highest);
    return (value) => fits(value.length);
  },
  minlength: (text) => {
    const [lowest = 0] = wholeNumbers("minlength", text, [1]);
    return (value) => value.length >= lowest;
  },
  maxlength: (text) => {
    const [highest = 0] = wholeNumbers("maxlength", text, [1]);
    return (value) => value.length <= highest;
  },
  regex: (text) => {
    const pattern = new RegExp(text, "i");
    return (value) => pattern.test(value);
  },
};

/** One inline constraint of an ASP.NET route template. @throws for a name or argument ASP.NET does not know */
export const routeConstraint = (name: string, argument: string | undefined): RouteConstraint => {
  const key = name.toLowerCase();
  if (argument === undefined && Object.hasOwn(plainConstraints, key)) {
    const plain = plainConstraints[key];
    if (plain !== undefined) return plain;
  }
  if (argument !== undefined && Object.hasOwn(constraintsWithArguments, key)) {
    const made = constraintsWithArguments[key]?.(argument);
    if (made !== undefined) return made;
  }
  const text = argument === undefined ? name : `${name}(${argument})`;
  throw new Error(`The route constraint "${text}" is not known.`);
};
