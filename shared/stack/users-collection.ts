import { select, text, timestamps, type CollectionDefinition, type FieldDefinition } from "./collection-definition.ts";
import { adminOnly, identityOf, index, narrowed, tenantClause, type TenantScope } from "./tenant-scope.ts";

const sessionSeconds = 8 * 60 * 60;

/**
 * The password nobody knows: set at random and never usable (password login is off). bcrypt's lowest cost is enough for
 * 178 random bits, and it makes a first login cost one millisecond of the shared processor instead of sixty.
 */
const unusedPassword: FieldDefinition = {
  name: "password",
  type: "password",
  system: true,
  hidden: true,
  required: true,
  min: 8,
  cost: 4,
};

const avatar: FieldDefinition = {
  name: "avatar",
  type: "file",
  protected: true,
  maxSelect: 1,
  maxSize: 1_048_576,
  mimeTypes: ["image/png", "image/jpeg", "image/webp"],
  thumbs: ["100x100"],
};

const off = { enabled: false } as const;

/** Own profile without what decides rights; administrators may set the role of others, never their own. */
const updateCondition =
  '((id = @request.auth.id && @request.body.role:changed = false) || (id != @request.auth.id && @request.auth.role = "admin"))' +
  " && @request.body.email:changed = false && @request.body.verified:changed = false";

/**
 * People of a tenant. They come in by single sign-on only (pb_hooks/sessions.pb.js makes them), so there is no password,
 * OTP, OAuth2 or MFA, no e-mail is needed, and the identity provider's subject is kept out of reach in `_sso_mappings`.
 */
export const usersCollection = (scope: TenantScope): CollectionDefinition => {
  const member = tenantClause(scope.tenantId);
  return {
    ...identityOf("users", scope),
    type: "auth",
    listRule: member,
    viewRule: member,
    createRule: null,
    updateRule: narrowed(scope.tenantId, updateCondition),
    deleteRule: `${adminOnly(scope.tenantId)} && (id != @request.auth.id)`,
    manageRule: null,
    authRule: "",
    passwordAuth: { enabled: false, identityFields: ["email"] },
    oauth2: off,
    otp: off,
    mfa: off,
    authAlert: off,
    authToken: { duration: sessionSeconds },
    fields: [
      unusedPassword,
      { name: "email", type: "email", system: true, required: false },
      text("name", { max: 200 }),
      select("role", ["admin", "member"], true),
      avatar,
      ...timestamps,
    ],
    indexes: [index("users", scope, ["role"])],
  };
};
