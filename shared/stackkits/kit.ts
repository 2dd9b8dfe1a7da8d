import { valid, validRange } from "semver";
import { z } from "zod";
import { Plan } from "../tenants/plan.ts";
import type { KitFacts } from "./kit-facts.ts";

/** Where the JSON Schema made of `Kit` is served; never changes for this generation of the format. */
const kitSchemaId = "https://kombify.io/schemas/stackkit/v1.json";

export const Slug = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "Lower-case letters, digits and single hyphens.");

/** No build metadata: two versions must never differ in that alone. */
export const KitVersion = z
  .string()
  .max(64)
  .regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, "A version is major.minor.patch, as semver has it.")
  .refine((text) => valid(text) === text, "This is not a semver version.");

const Range = z
  .string()
  .min(1)
  .max(100)
  .refine((text) => validRange(text) !== null, "This is not a semver range.");

const Line = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\r\n\0]+$/, "One line of text.");
const Day = z.iso.date();
const Name = z
  .string()
  .max(63)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "Letters, digits and underscores; no digit first.");
const Port = z.int().min(1).max(65_535);
/** Absolute, inside a container. */
const ContainerPath = z
  .string()
  .max(255)
  .regex(/^(\/[A-Za-z0-9._-]+)+$/, "An absolute path without spaces.")
  .refine((path) => !path.split("/").includes(".."), "A path must not lead upwards.");
const HttpPath = z
  .string()
  .max(200)
  .regex(/^\/[\x21-\x7e]*$/, "A path begins with / and has no spaces.");
const Architecture = z.enum(["amd64", "arm64", "armv7"]);
export const Category = z.enum([
  "automation",
  "backup",
  "dashboard",
  "development",
  "documents",
  "home",
  "media",
  "monitoring",
  "networking",
  "photos",
  "reading",
  "security",
  "storage",
]);

/** `image[:tag][@digest]`; that a tag is there and exact is asked by lint, which can say more. */
const ImageName = z
  .string()
  .max(300)
  .regex(
    /^[a-z0-9]+([._:/-]+[a-z0-9]+)*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[a-f0-9]{64})?$/,
    "This is not the name of an image.",
  );

const Parameter = z.strictObject({
  name: Name,
  type: z.enum(["string", "integer", "boolean", "choice", "secret"]),
  label: Line,
  /** Shown beside the field: what it is for, what is right. */
  message: Line.optional(),
  required: z.boolean().default(false),
  default: z.union([z.string().max(1000), z.int(), z.boolean()]).optional(),
  /** Bounds of an integer, or of the length of a text. */
  min: z.int().optional(),
  max: z.int().optional(),
  choices: z.array(Line).min(1).max(50).optional(),
});

const Changes = z.array(Line).max(50).optional();

/** `kit.yaml`: the only definition of the format. The JSON Schema is generated from it. */
export const Kit = z.strictObject({
  id: Slug,
  name: Line.max(60),
  summary: Line,
  version: KitVersion,
  minPlan: Plan,
  categories: z.array(Category).min(1).max(5),
  maintainers: z
    .array(z.strictObject({ name: Line, url: z.url({ protocol: /^https$/ }).optional() }))
    .min(1)
    .max(20),
  /** SPDX expression of the kit itself, not of what it installs. */
  licence: Line.max(60),
  homepage: z.url({ protocol: /^https$/ }).optional(),
  architectures: z.array(Architecture).min(1),
  requirements: z.strictObject({
    memoryMegabytes: z.int().min(1),
    diskMegabytes: z.int().min(1),
    /** How long its services may take until they answer; 60 where nothing is said. A trial waits no longer. */
    startSeconds: z.int().min(1).max(600).optional(),
  }),
  parameters: z.array(Parameter).max(100).default([]),
  services: z
    .array(z.strictObject({ name: Slug, image: ImageName, summary: Line }))
    .min(1)
    .max(50),
  /** `number` is the default one of the node; `container` is where the service listens. */
  ports: z
    .array(
      z.strictObject({
        name: Slug,
        service: Slug,
        number: Port,
        container: Port,
        protocol: z.enum(["tcp", "udp"]).default("tcp"),
        /** What a request is answered when the service is well; without it, a trial only connects. */
        http: z.strictObject({ path: HttpPath, status: z.int().min(100).max(599) }).optional(),
      }),
    )
    .max(50)
    .default([]),
  volumes: z
    .array(z.strictObject({ name: Slug, service: Slug, path: ContainerPath, summary: Line.optional() }))
    .max(50)
    .default([]),
  dependencies: z
    .array(z.strictObject({ id: Slug, range: Range }))
    .max(20)
    .default([]),
  /** Newest first; the first entry is of this version. */
  changelog: z
    .array(
      z.strictObject({
        version: KitVersion,
        date: Day,
        added: Changes,
        changed: Changes,
        fixed: Changes,
        security: Changes,
      }),
    )
    .min(1)
    .max(200),
  deprecations: z
    .array(z.strictObject({ what: Line, since: KitVersion, instead: Line.optional() }))
    .max(50)
    .default([]),
});
export type Kit = z.infer<typeof Kit>;

/** What the API reads of a kit when it checks a spec. */
export const kitFactsOf = (kit: Kit): KitFacts => ({
  id: kit.id,
  version: kit.version,
  minPlan: kit.minPlan,
  architectures: kit.architectures,
  memoryMegabytesMin: kit.requirements.memoryMegabytes,
  parameters: kit.parameters.map((parameter) => ({
    name: parameter.name,
    type: parameter.type,
    isRequired: parameter.required,
    ...(parameter.default === undefined ? {} : { default: parameter.default }),
    ...(parameter.min === undefined ? {} : { min: parameter.min }),
    ...(parameter.max === undefined ? {} : { max: parameter.max }),
    ...(parameter.choices === undefined ? {} : { choices: parameter.choices }),
  })),
  services: kit.services.map(({ name }) => name),
  ports: kit.ports.map(({ name, number, protocol }) => ({ name, number, protocol })),
  dependencies: kit.dependencies,
});

/** JSON Schema 2020-12 of `kit.yaml` as its author writes it. */
export const kitJsonSchema = (): Readonly<Record<string, unknown>> => ({
  ...z.toJSONSchema(Kit, { target: "draft-2020-12", io: "input" }),
  $id: kitSchemaId,
  title: "StackKit",
});
