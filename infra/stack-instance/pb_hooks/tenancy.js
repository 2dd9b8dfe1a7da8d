// What the hooks know about tenants. Handlers run in separate JavaScript machines and share code only by require().

// The same list as baseNames in shared/stack/namespace.ts (a test compares them). No base holds "_".
const bases = ["users", "nodes", "services", "deployments", "jobs", "events", "secrets", "settings", "flags"];

// "nodes_home_lab" -> "home_lab"; "" for a collection that is no tenant's.
function namespaceOf(collectionName) {
  const cut = collectionName.indexOf("_");
  return cut > 0 && bases.indexOf(collectionName.slice(0, cut)) >= 0 ? collectionName.slice(cut + 1) : "";
}

// "nodes_home_lab" -> "nodes"; of a tenant's collections only.
function baseOf(collectionName) {
  return collectionName.slice(0, collectionName.indexOf("_"));
}

// A 401 for somebody whose login has ended: the answer that makes a client sign in again.
function loginEnded() {
  return new UnauthorizedError("This login has ended; sign in again.", {
    tenant: new ValidationError("login-ended", "This login has ended; sign in again."),
  });
}

// A 403 whose `data.tenant.code` is stable.
function refusal(code, message) {
  return new ForbiddenError(message, { tenant: new ValidationError(code, message) });
}

// One answer for everybody who is not of the tenant, whether there is such a tenant or not.
function foreign() {
  return refusal("tenant-foreign", "Only users of this tenant may do this.");
}

// The person whose file token this is; null for a token that is none.
function fileTokenHolder(app, token) {
  if (token === "") return null;
  try {
    return app.findAuthRecordByToken(token, "file");
  } catch (invalidToken) {
    app.logger().debug("file token refused", "reason", String(invalidToken));
    return null;
  }
}

// By what a collection is called in a request, its name or its id ("<tenantId>_<base>"), without looking it up: neither
// answer nor time tells a stranger whether it exists. Names with "_" in front are no tenant's and are left to PocketBase.
function admitByName(auth, name) {
  if (name[0] === "_" || (auth && auth.isSuperuser())) return;
  if (!auth || !isOwn(auth.collection(), name)) throw foreign();
}

function isOwn(users, name) {
  const namespace = namespaceOf(users.name);
  if (namespace === "") return false;
  const tenantId = users.id.slice(0, users.id.lastIndexOf("_"));
  return bases.some(function (base) {
    return name === base + "_" + namespace || name === tenantId + "_" + base;
  });
}

// The row of `_tenants`, for a tenant that may be used now.
function activeTenant(app, namespace) {
  const tenant = app.findAllRecords("_tenants", $dbx.hashExp({ namespace: namespace }))[0];
  if (!tenant) throw refusal("tenant-unknown", "This tenant is not known here.");
  if (tenant.getString("status") !== "active") throw refusal("tenant-suspended", "This tenant is suspended.");
  return tenant;
}

// Lets a user of the collection's own tenant pass and gives the tenant. Anybody else is refused, guests included,
// whatever the collection's rules say. PocketBase takes a dead token for a guest; `hasToken` tells them apart.
// Null for superusers, for whom alone the collections are that are no tenant's.
function admit(app, collection, auth, hasToken) {
  if (auth && auth.isSuperuser()) return null;
  if (!auth && hasToken) throw loginEnded();
  const namespace = namespaceOf(collection.name);
  if (namespace === "") throw refusal("collection-closed", "This collection is not for users.");
  if (!auth || auth.collection().name !== "users_" + namespace) {
    throw foreign();
  }
  return activeTenant(app, namespace);
}

// `admit` for the caller of a request. (`e.request` is hidden from JavaScript in most events; `requestInfo` is not.)
function admitCaller(e, collection) {
  const hasToken = !e.auth && !!e.requestInfo().headers["authorization"];
  return admit(e.app, collection, e.auth, hasToken);
}

module.exports = {
  bases: bases,
  namespaceOf: namespaceOf,
  baseOf: baseOf,
  loginEnded: loginEnded,
  refusal: refusal,
  fileTokenHolder: fileTokenHolder,
  admitByName: admitByName,
  activeTenant: activeTenant,
  admit: admit,
  admitCaller: admitCaller,
};
