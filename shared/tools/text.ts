import { z } from "zod";

const slugMax = 80;
/** Public addresses are made of slugs: lower case, digits and single hyphens. */
export const Slug = z
  .string()
  .max(slugMax, `at most ${slugMax} characters`)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "lower-case letters and digits, in groups joined by single hyphens");

/** Control characters say nothing to people and break CSV and terminals; line breaks and tabs are text. */
const control = /[^\P{Cc}\t\n\r]/gu;

/** Text as it is stored: NFC, `\n` for every line break, no control characters, no half characters, trimmed. */
export const cleanText = (text: string): string =>
  text.toWellFormed().normalize("NFC").replace(/\r\n?/g, "\n").replace(control, "").trim();

const isClean = (text: string): boolean => text.isWellFormed() && text.search(control) === -1;

export const text = (max: number) =>
  z
    .string()
    .max(max, `at most ${max} characters`)
    .refine(isClean, "control characters and half characters are not allowed")
    .transform(cleanText);

export const requiredText = (max: number) => text(max).refine((value) => value !== "", "must not be empty");

const linkMax = 500;
/** An address people may follow. Other schemes (`javascript:`) never get into a page. */
export const Link = z
  .url({ protocol: /^https?$/, error: "must be an http or https address" })
  .max(linkMax, `at most ${linkMax} characters`);

/**
 * A slug from any name: letters lose their marks, everything else becomes a hyphen. Undefined when nothing is left, as with
 * a name in another script.
 */
export const slugOf = (name: string): string | undefined => {
  const slug = name
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/ß/g, "ss")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, slugMax)
    .replace(/^-+|-+$/g, "");
  return slug === "" ? undefined : slug;
};
