import { z } from "zod";

const referencePattern = /^\{vault:\/\/env\/([a-z0-9-]+)\}$/;

/** How every message about an unset or empty secret begins; the name of its variable follows. */
export const missingSecret = "the vault has no value for";

/** `{vault://env/my-key}` reads the variable `MY_KEY`, as Kong's env vault does. */
const variableOf = (name: string): string => name.toUpperCase().replaceAll("-", "_");

/**
 * A plugin field that Kong marks `referenceable`: a literal or a reference into `vault`. Unlike Kong, which goes on with
 * an empty value, a missing or empty variable is an error at start.
 */
export const referenceable = (vault: Readonly<Record<string, string>>) =>
  z
    .string()
    .min(1)
    .transform((value, context) => {
      const name = referencePattern.exec(value)?.[1];
      if (name === undefined) return value;
      const variable = variableOf(name);
      const resolved = vault[variable] ?? "";
      if (resolved === "") context.addIssue(`${missingSecret} ${variable}`);
      return resolved;
    });

/** Any other text field: Kong would send an unresolved reference as it stands, so it is refused here. */
export const literal = z
  .string()
  .min(1)
  .refine((value) => !value.includes("{vault:"), "Kong does not resolve vault references in this field");
