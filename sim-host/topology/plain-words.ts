import type { z } from "zod";

const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** A tenant's words as a reason shows them: short, and without characters that hide or reorder others. */
export const shown = (text: string, lengthMax = 63): string => {
  const plain = text.replace(hidden, "\ufffd");
  return plain.length > lengthMax ? `${plain.slice(0, lengthMax)}...` : plain;
};

const things: Readonly<Record<string, string>> = {
  string: "A text",
  number: "A number",
  int: "A whole number",
  boolean: "true or false",
  array: "A list",
  object: "A mapping of members, as in { member: value },",
  record: "A mapping of names",
};

const wrongType = (expected: string, input: unknown): string => {
  if (typeof input === "number" && !Number.isFinite(input)) return "A number with an end is expected.";
  const sentence = `${things[expected] ?? "Another value"} is expected.`;
  const isQuotable = expected === "string" && ["number", "boolean"].includes(typeof input);
  return isQuotable ? `${sentence} Put it into quotes.` : sentence;
};

const bound = (origin: string, amount: number | bigint, words: readonly [string, string]): string => {
  const [most, least] = words;
  if (origin === "array" || origin === "record") return `${most} ${amount} of them are ${least}.`;
  if (origin === "string") return `${most} ${amount} characters are ${least}.`;
  return `It must be ${most.toLowerCase()} ${amount}.`;
};

/** What the schema itself has no words for. */
export const inPlainWords = (issue: z.core.$ZodRawIssue): string => {
  switch (issue.code) {
    case "invalid_type":
      return wrongType(issue.expected, issue.input);
    case "invalid_value":
      return `Write one of: ${issue.values.map(String).join(", ")}.`;
    case "too_big":
      return bound(issue.origin, issue.maximum, ["At most", "allowed"]);
    case "too_small":
      return bound(issue.origin, issue.minimum, ["At least", "needed"]);
    default:
      return issue.message ?? "This is not valid here.";
  }
};
