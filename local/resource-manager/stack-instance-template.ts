import { z } from "zod";
import { ArmError } from "./arm-error.ts";
import type { StackInstanceParameters } from "./records.ts";

const Tags = z.record(z.string(), z.string());

const InlineTemplate = z.object({
  metadata: z.object({ name: z.string().optional() }).optional(),
  parameters: z.record(z.string(), z.object({ defaultValue: z.unknown().optional() })).optional(),
});

const DeploymentRequest = z.object({
  tags: Tags.optional(),
  properties: z.object({
    mode: z.enum(["Incremental", "Complete"]),
    template: InlineTemplate.optional(),
    templateLink: z
      .object({ uri: z.string().optional(), id: z.string().optional(), relativePath: z.string().optional() })
      .optional(),
    parameters: z
      .record(z.string(), z.object({ value: z.unknown().optional(), reference: z.unknown().optional() }))
      .optional(),
  }),
});
type DeploymentRequest = z.infer<typeof DeploymentRequest>;

const Values = z.object({
  instanceName: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, "lowercase letters, digits and hyphens"),
  location: z.string().min(1),
  deploymentMode: z.string().min(1).default("SHARED"),
  superuserEmail: z.email(),
  superuserPassword: z.string().min(8).max(71),
  publicBaseUrl: z.url({ protocol: /^https?$/ }).optional(),
  reportUrl: z.url({ protocol: /^https?$/ }).optional(),
  reportKey: z
    .string()
    .regex(/^[\x21-\x7e]{16,256}$/, "16 to 256 visible ASCII characters")
    .optional(),
  tags: Tags.default({}),
});

/** A deployment that can be accepted. `superuserPassword` and `reportKey` go their own way from here. */
export interface ParsedDeployment {
  readonly parameters: StackInstanceParameters;
  readonly superuserPassword: string;
  readonly reportKey?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly templateUri?: string;
}

const describe = (error: z.ZodError): string =>
  error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");

const requireOurTemplate = (properties: DeploymentRequest["properties"]): string | undefined => {
  const { template, templateLink } = properties;
  if ((template === undefined) === (templateLink === undefined))
    throw new ArmError("InvalidRequestContent", "Exactly one of 'template' and 'templateLink' must be given.");
  const link = templateLink?.uri ?? templateLink?.id ?? templateLink?.relativePath;
  const name = template === undefined ? link : template.metadata?.name;
  if (name?.includes("stack-instance") === true) return link;
  throw new ArmError("InvalidTemplate", `The template '${name ?? "(no name)"}' is not 'stack-instance'.`);
};

const literalDefault = (value: unknown): unknown =>
  typeof value === "string" && value.startsWith("[") ? undefined : value;

/** The given values over the template's literal defaults. Other values (an image, a subnet) have no meaning here. */
const valuesOf = (properties: DeploymentRequest["properties"]): ReadonlyMap<string, unknown> => {
  const declared = properties.template?.parameters;
  const values = new Map<string, unknown>();
  for (const [name, { defaultValue }] of Object.entries(declared ?? {})) values.set(name, literalDefault(defaultValue));
  for (const [name, { value, reference }] of Object.entries(properties.parameters ?? {})) {
    if (declared !== undefined && !(name in declared))
      throw new ArmError("InvalidTemplate", `The parameter '${name}' is not defined in the template.`);
    if (reference !== undefined)
      throw new ArmError("InvalidTemplate", `The parameter '${name}' refers to a Key Vault: not supported here.`);
    values.set(name, value);
  }
  return values;
};

/**
 * Understands the body of PUT, validate and whatIf for the template `stack-instance`: a link whose address names it, or an
 * inline template whose `metadata.name` does. Parameters: `instanceName`, `location` (or `region`), `deploymentMode`,
 * `superuserEmail`, `superuserPassword` (secureString), `publicBaseUrl`, `reportUrl`, `reportKey` (secureString), `tags`.
 * @throws ArmError
 */
export const parseDeployment = (body: unknown, group: { readonly location: string }): ParsedDeployment => {
  const request = DeploymentRequest.safeParse(body);
  if (!request.success) throw new ArmError("InvalidRequestContent", describe(request.error));
  const { properties, tags } = request.data;
  const templateUri = requireOurTemplate(properties);
  if (properties.mode === "Complete")
    throw new ArmError("InvalidTemplateDeployment", "The mode 'Complete' is not supported here: use 'Incremental'.");
  const given = valuesOf(properties);
  const values = Values.safeParse({
    ...Object.fromEntries(given),
    location: given.get("location") ?? given.get("region") ?? group.location,
  });
  if (!values.success) throw new ArmError("InvalidTemplateDeployment", describe(values.error));
  const { superuserPassword, reportKey, publicBaseUrl, reportUrl, ...rest } = values.data;
  const base = publicBaseUrl?.replace(/\/+$/, "");
  return {
    parameters: {
      ...rest,
      ...(base === undefined ? {} : { publicBaseUrl: base }),
      ...(reportUrl === undefined ? {} : { reportUrl }),
    },
    superuserPassword,
    ...(reportKey === undefined ? {} : { reportKey }),
    tags: tags ?? {},
    ...(templateUri === undefined ? {} : { templateUri }),
  };
};
