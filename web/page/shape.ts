/** Checks a value that came from outside and gives it its type. @throws Error naming the place that is not as expected */
export type Read<T> = (value: unknown, place?: string) => T;

// Four dozen lines in place of a validation library, which would be as large as the rest of the page.

const refuse = (place: string, expected: string): never => {
  throw new TypeError(`The answer's ${place} is not ${expected}.`);
};

export const text: Read<string> = (value, place = "value") =>
  typeof value === "string" ? value : refuse(place, "a text");

export const number: Read<number> = (value, place = "value") =>
  typeof value === "number" ? value : refuse(place, "a number");

export const flag: Read<boolean> = (value, place = "value") =>
  typeof value === "boolean" ? value : refuse(place, "true or false");

export const oneOf =
  <const T extends string>(...words: readonly T[]): Read<T> =>
  (value, place = "value") =>
    words.find((word) => word === value) ?? refuse(place, `one of ${words.join(", ")}`);

export const optional =
  <T>(read: Read<T>): Read<T | undefined> =>
  (value, place) =>
    value === undefined ? undefined : read(value, place);

export const nullable =
  <T>(read: Read<T>): Read<T | null> =>
  (value, place) =>
    value === null ? null : read(value, place);

export const listOf =
  <T>(read: Read<T>): Read<readonly T[]> =>
  (value, place = "value") =>
    Array.isArray(value) ? value.map((item, index) => read(item, `${place}[${index}]`)) : refuse(place, "a list");

const membersOf = (value: unknown, place: string): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : refuse(place, "an object");

type Shape<T> = { readonly [K in keyof T]: Read<T[K]> };

/** An object with at least these members; others are left out. */
export const shape =
  <T>(members: Shape<T>): Read<T> =>
  (value, place = "value") => {
    const given = membersOf(value, place);
    const readers: readonly [string, Read<unknown>][] = Object.entries(members);
    const found = readers.map(([name, read]) => [name, read(given[name], `${place}.${name}`)] as const);
    // Every member has been read by the reader of its own name, which the type of entries cannot express.
    return Object.fromEntries(found) as T;
  };

/** Any object, whose members nothing is known about. */
export const anyObject: Read<Readonly<Record<string, unknown>>> = (value, place = "value") => membersOf(value, place);
