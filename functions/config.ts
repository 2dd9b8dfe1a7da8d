import { z } from "zod";
import { Region } from "../shared/instances/instance.ts";

const BaseUrl = z.url().transform((url) => url.replace(/\/+$/, ""));
const Id = z.string().regex(/^[\w-]{1,64}$/);

const PublicKey = z.strictObject(
  {
    ...{ kty: z.literal("EC"), crv: z.literal("P-256"), x: z.string(), y: z.string(), kid: z.string().min(1) },
    ...{ alg: z.literal("ES256").default("ES256"), use: z.literal("sig").default("sig") },
  },
  // A private key has the member d.
  "is no public key of EC P-256 with a kid",
);

const KeySet = z.string().transform((text, context) => {
  try {
    return z.object({ keys: z.array(PublicKey).max(10) }).parse(JSON.parse(text)).keys;
  } catch {
    context.addIssue({ code: "custom", message: "is no JWK set of public EC P-256 keys with a kid each" });
    return z.NEVER;
  }
});

/**
 * Every setting of the Functions app; `local.settings.sample.json` has exactly these keys. Settings that belong to one
 * choice (SQLite or Cosmos DB, a local token or a managed identity) are required by that choice only.
 */
export const Settings = z
  .object({
    /** Where people and vendors reach the platform: the gateway's base URL. Also the issuer of launch tokens. */
    PUBLIC_BASE_URL: BaseUrl,
    /** Domain below which every tenant has a host of its own. */
    STACK_DOMAIN: z.string().min(1),
    OIDC_ISSUER: BaseUrl,
    OIDC_JWKS_URI: z.url(),
    /** Zitadel's project: the audience of access tokens, and where roles are granted. */
    OIDC_PROJECT_ID: Id,
    /** The application of the console page (public client, code flow with PKCE). */
    OIDC_CONSOLE_CLIENT_ID: Id,
    /** The application of the operators' dashboard (public client, code flow with PKCE on the server). */
    OIDC_DASHBOARD_CLIENT_ID: Id,
    /** The organisation whose administrators operate the platform. */
    OPERATOR_ORG_ID: Id,
    DOCUMENTS: z.enum(["sqlite", "cosmos"]),
    SQLITE_FILE: z.string().min(1).optional(),
    COSMOS_ENDPOINT: z.url().optional(),
    COSMOS_DATABASE: z.string().min(1).optional(),
    /** One of these two: an Azure Key Vault, or a directory of 0600 files. */
    KEY_VAULT_URL: z.url({ protocol: /^https$/ }).optional(),
    SECRETS_DIRECTORY: z.string().min(1).optional(),
    /** One of these two: the queue service of a storage account, by identity, or a connection string (an emulator's). */
    QUEUE_SERVICE_URL: z.url({ protocol: /^https$/ }).optional(),
    AzureWebJobsStorage: z.string().min(1).optional(),
    DEFAULT_REGION: Region,
    /** Another instance is started when a pool has fewer free slots than this. 0: only once it is full. */
    SCALE_OUT_HEADROOM: z.coerce.number().int().min(0).max(49).default(5),
    /** Where opened and resolved incidents are sent, signed; nothing is sent without it. */
    ALERT_WEBHOOK_URL: z.url({ protocol: /^https?$/ }).optional(),
    /** Which of Stripe's two worlds events must come from. Without it nothing can be bought; all else works. */
    STRIPE_MODE: z.enum(["test", "live"]).optional(),
    /** Only for a stand-in of Stripe on this machine. */
    STRIPE_API_URL: z.url({ protocol: /^http$/, hostname: /^(127\.0\.0\.1|localhost)$/ }).optional(),
    /** Public keys whose signatures on kits count, as a JWK set; none until the first kit is published. */
    STACKKIT_KEYS: KeySet.default([]),
    AZURE_SUBSCRIPTION_ID: z.string().min(1),
    AZURE_RESOURCE_GROUP: z.string().min(1),
    AZURE_MANAGED_IDENTITY_CLIENT_ID: z.string().min(1).optional(),
    /** The compiled `infra/bicep/stack-instance.bicep`. */
    BICEP_TEMPLATE_URL: z.url(),
    /** Only for a resource manager on this machine; Azure's own needs neither. */
    ARM_ENDPOINT: z.url().optional(),
    ARM_LOCAL_TOKEN: z.string().min(16).optional(),
  })
  .superRefine((settings, context) => {
    const need = (key: keyof typeof settings, because: string): void => {
      if (settings[key] === undefined)
        context.addIssue({ code: "custom", path: [key], message: `is needed ${because}` });
    };
    if (settings.DOCUMENTS === "sqlite") need("SQLITE_FILE", "when DOCUMENTS is sqlite");
    if (settings.DOCUMENTS === "cosmos") {
      need("COSMOS_ENDPOINT", "when DOCUMENTS is cosmos");
      need("COSMOS_DATABASE", "when DOCUMENTS is cosmos");
    }
    if (settings.KEY_VAULT_URL === undefined) need("SECRETS_DIRECTORY", "without KEY_VAULT_URL");
    if (settings.QUEUE_SERVICE_URL === undefined) need("AzureWebJobsStorage", "without QUEUE_SERVICE_URL");
    if (settings.ARM_ENDPOINT === undefined) return;
    need("ARM_LOCAL_TOKEN", "with ARM_ENDPOINT");
    // A token kept in a setting must never be sent anywhere but to this machine.
    if (!["127.0.0.1", "localhost", "[::1]"].includes(new URL(settings.ARM_ENDPOINT).hostname)) {
      context.addIssue({
        code: "custom",
        path: ["ARM_ENDPOINT"],
        message: "must be on this machine; unset it for Azure",
      });
    }
  });
export type Settings = z.infer<typeof Settings>;

/** Reads the settings. @throws Error naming every setting that is missing or wrong, and where they belong */
export const readSettings = (environment: Readonly<Record<string, string | undefined>>): Settings => {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = Settings.safeParse(given);
  if (parsed.success) return parsed.data;
  const findings = parsed.error.issues.map(({ path, message }) => `  ${path.map(String).join(".")}: ${message}`);
  throw new Error(`These settings are missing or wrong (see local.settings.sample.json):\n${findings.join("\n")}`);
};
