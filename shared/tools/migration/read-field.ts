import { cleanText, Link, Slug, slugOf } from "../text.ts";
import type { Remark } from "./migration.ts";
import type { CollectionPlan } from "./plan-source.ts";
import type { SourceRecord } from "./source.ts";

/** One record under a plan: reads members by our names, repairs what can be repaired, and says so. */
export interface FieldReader {
  /** Text, cleaned and cut; `""` for nothing. */
  text(member: string, max: number): string;
  link(member: string): string | null;
  /** A relation: the id of the first record named. */
  relation(member: string): string | undefined;
  slugs(member: string, max: number): readonly string[];
  day(member: string): string | null;
  raw(member: string): unknown;
  remark(remark: Remark): void;
  readonly remarks: readonly Remark[];
}

const asText = (value: unknown): string => {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
};

const listOf = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value as readonly unknown[];
  return typeof value === "string" ? value.split(/[,;]/) : [];
};

const shownMax = 80;
const shown = (value: unknown): string => cleanText(asText(value)).slice(0, shownMax).toWellFormed();

export const readFields = (record: SourceRecord, { fields }: CollectionPlan): FieldReader => {
  const remarks: Remark[] = [];
  const remark = (found: Remark): void => {
    remarks.push(found);
  };
  const raw = (member: string): unknown => {
    const field = fields[member];
    return field === undefined ? undefined : record[field];
  };
  const text = (member: string, max: number): string => {
    const written = asText(raw(member));
    const clean = cleanText(written);
    if (clean !== written.trim())
      remark({ code: "text-repaired", detail: `${member} held characters that are no text` });
    if (clean.length <= max) return clean;
    remark({ code: "text-cut", detail: `${member} is ${clean.length} characters long and was cut to ${max}` });
    return clean.slice(0, max).toWellFormed().trim();
  };
  return {
    text,
    raw,
    remark,
    remarks,
    link: (member) => {
      const written = asText(raw(member)).trim();
      if (written === "") return null;
      const link = Link.safeParse(written);
      if (link.success) return link.data;
      remark({ code: "link-dropped", detail: `${member} is no http address: ${shown(written)}` });
      return null;
    },
    relation: (member) => {
      const value = raw(member);
      const first = Array.isArray(value) ? asText(value[0]) : asText(value);
      return first === "" ? undefined : first;
    },
    slugs: (member, max) => {
      const wanted = listOf(raw(member))
        .map(asText)
        .map((tag) => tag.trim())
        .filter((tag) => tag !== "");
      const slugs = wanted.flatMap((tag) => {
        const slug = slugOf(tag);
        if (slug === undefined) remark({ code: "tag-dropped", detail: `no letter of the tag is left: ${shown(tag)}` });
        return slug === undefined ? [] : [slug];
      });
      const unique = [...new Set(slugs)].sort();
      if (unique.length > max)
        remark({ code: "tag-dropped", detail: `only ${max} of ${unique.length} tags were taken` });
      return unique.slice(0, max);
    },
    day: (member) => {
      const written = asText(raw(member)).trim().slice(0, 10);
      const isDay = /^\d{4}-\d{2}-\d{2}$/.test(written) && !Number.isNaN(Date.parse(written));
      return isDay ? written : null;
    },
  };
};

/** The first that can be a slug, or one made of the record's id. */
export const slugFrom = (reader: FieldReader, name: string, recordId: string): string => {
  const written = asText(reader.raw("slug"));
  if (Slug.safeParse(written).success) return written;
  return slugOf(written) ?? slugOf(name) ?? slugFromId(recordId);
};

const slugFromId = (recordId: string): string => slugOf(recordId) ?? "record";

/** A slug made different by the record's id; still no longer than a slug may be. */
export const slugWithId = (slug: string, recordId: string): string =>
  slugOf(`${slug.slice(0, 60)}-${recordId.slice(0, 19)}`) ?? slugFromId(recordId);
