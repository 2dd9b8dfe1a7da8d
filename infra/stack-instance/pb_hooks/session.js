// Finding or making the user behind a session, in one transaction. PocketBase has one writer, so concurrent first
// logins of a person wait for each other and find the same user; counting against the limit is exact as well.

// Gives { user } or { status, code, ... } for an expected refusal.
function open(app, request) {
  let outcome = null;
  app.runInTransaction(function (transaction) {
    outcome = decide(transaction, request);
  });
  return outcome;
}

function decide(app, request) {
  const tenant = app.findRecordsByIds("_tenants", [request.tenantId])[0];
  const status = tenant ? tenant.getString("status") : "deleted";
  if (status === "deleted" || tenant.getString("namespace") !== request.namespace) {
    return { status: 404, code: "tenant-unknown" };
  }
  if (status !== "active") return { status: 403, code: "tenant-suspended" };

  const collection = app.findCachedCollectionByNameOrId("users_" + request.namespace);
  const mapping = findMapping(app, request);
  const known = mapping ? app.findRecordsByIds(collection, [mapping.getString("pbUserId")])[0] : undefined;
  const userCount = known ? 1 : app.countRecords(collection);
  const maxUsers = tenant.getInt("maxUsers");
  if (!known && userCount >= maxUsers) return { status: 403, code: "user-limit-reached", maxUsers: maxUsers };
  return {
    user: signIn(app, request, mapping || newMapping(app, request), known || newUser(collection), userCount === 0),
  };
}

function findMapping(app, request) {
  return app.findAllRecords("_sso_mappings", $dbx.hashExp({ tenantId: request.tenantId, zitadelSub: request.sub }))[0];
}

function newMapping(app, request) {
  const mapping = new Record(app.findCachedCollectionByNameOrId("_sso_mappings"));
  mapping.set("tenantId", request.tenantId);
  mapping.set("zitadelSub", request.sub);
  return mapping;
}

function newUser(collection) {
  const user = new Record(collection);
  user.setRandomPassword();
  user.set("role", "member");
  return user;
}

function signIn(app, request, mapping, user, isFirst) {
  if (isFirst) mapping.set("isFounder", true);
  let isChanged = refreshRole(user, mapping, request.isOrganisationAdmin);
  isChanged = refreshProfile(app, user, request) || isChanged;
  if (isChanged || user.isNew()) app.save(user);
  mapping.set("pbUserId", user.id);
  mapping.set("lastLogin", new DateTime());
  app.saveNoValidate(mapping);
  return user;
}

// `isAdmin` of the mapping says that the role came from here: only then is it taken back here. A role given by hand in
// the Stack stays.
function refreshRole(user, mapping, isOrganisationAdmin) {
  const isAdmin = isOrganisationAdmin || mapping.getBool("isFounder");
  const wasAdmin = mapping.getBool("isAdmin");
  mapping.set("isAdmin", isAdmin);
  if (!isAdmin && !wasAdmin) return false;
  const role = isAdmin ? "admin" : "member";
  if (user.getString("role") === role) return false;
  user.set("role", role);
  return true;
}

function refreshProfile(app, user, request) {
  let isChanged = false;
  if (request.name !== "" && request.name !== user.getString("name")) {
    user.set("name", request.name);
    isChanged = true;
  }
  if (request.email !== "" && request.email !== user.email() && !isTaken(app, user, request.email)) {
    user.setEmail(request.email);
    user.setVerified(true);
    isChanged = true;
  }
  return isChanged;
}

// Accounts are never joined by e-mail: somebody else's address is left to them.
function isTaken(app, user, email) {
  return app
    .findAllRecords(user.collection(), $dbx.exp("[[email]] = {:email} COLLATE NOCASE", { email: email }))
    .some(function (other) {
      return other.id !== user.id;
    });
}

module.exports = { open: open, findMapping: findMapping, refreshRole: refreshRole };
