import { z } from "zod";

const grammar = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/u;
const shortest = 2;
/** A slug is a DNS label: `<slug>.<stack domain>`. */
const longest = 63;

/** Words that are ours (hosts, routes, PocketBase) or that read as "nothing" in somebody's code. Whole slugs only. */
const reserved: ReadonlySet<string> = new Set(
  [
    "admin administrator api app apps assets auth billing cdn cloud console dashboard gateway health host internal",
    "kombify launch localhost login logout mail metrics operations portal public ready register root security signup",
    "simulations sso stack stackkits static status stripe superuser superusers support system tenant tenants users",
    "webhook webhooks well-known www zitadel pb pbc pocketbase collections records realtime sqlite",
    "default null undefined none nil true false nan",
  ].flatMap((line) => line.split(" ")),
);

const characterRefusal = (text: string): string | undefined => {
  if (/[^\x20-\x7e]/u.test(text)) {
    return "A slug may hold only the letters a to z, digits and single hyphens; letters of other scripts are refused, even those that look alike.";
  }
  if (/[A-Z]/u.test(text)) return "A slug is lower-case: capitals are refused.";
  if (text.startsWith("xn--")) return "A slug must not start with xn--, which marks an encoded international name.";
  if (text.includes("--")) return "A slug must not hold two hyphens in a row.";
  if (/^[0-9]/u.test(text)) return "A slug starts with a letter, not with a digit.";
  if (/^-|-$/u.test(text)) return "A slug must not start or end with a hyphen.";
  return grammar.test(text) ? undefined : "A slug may hold only the letters a to z, digits and single hyphens.";
};

/** Why the text cannot be a slug, as a sentence for the person who typed it; undefined when it can. */
const refusalOf = (text: string): string | undefined => {
  if (text.length < shortest) return `A slug has at least ${shortest} characters.`;
  if (text.length > longest) return `A slug has at most ${longest} characters.`;
  const refusal = characterRefusal(text);
  if (refusal !== undefined) return refusal;
  if (reserved.has(text)) return "This word is reserved; choose another slug.";
  // PocketBase reads `_via_` in a collection name as a back-relation, and names end in the slug.
  return text.split("-").includes("via")
    ? 'The word "via" cannot stand alone between hyphens in a slug; write it together with its neighbour.'
    : undefined;
};

/** A tenant's public name: a DNS label of 2 to 63 characters, `^[a-z][a-z0-9]*(-[a-z0-9]+)*$`, without reserved words. */
export const TenantSlug = z
  .string()
  .superRefine((text, context) => {
    const refusal = refusalOf(text);
    if (refusal !== undefined) context.addIssue({ code: "custom", message: refusal });
  })
  .brand<"TenantSlug">();
export type TenantSlug = z.output<typeof TenantSlug>;

export type ParsedSlug =
  { readonly kind: "slug"; readonly slug: TenantSlug } | { readonly kind: "refused"; readonly reason: string };

/** Takes the text as typed: nothing is trimmed, folded or repaired, so that two spellings never meet in one tenant. */
export const parseSlug = (text: string): ParsedSlug => {
  const parsed = TenantSlug.safeParse(text);
  if (parsed.success) return { kind: "slug", slug: parsed.data };
  return { kind: "refused", reason: parsed.error.issues[0]?.message ?? "This is not a slug." };
};
