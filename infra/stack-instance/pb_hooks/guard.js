// The rules of guard.pb.js. Each takes the event of a request and throws, or lets the request go on.

const quota = require(`${__hooks}/quota.js`);
const tenancy = require(`${__hooks}/tenancy.js`);

// Fields of a person that only single sign-on (a superuser) may set.
const identityFields = ["email", "emailVisibility", "verified", "zitadelSub"];

// Bases of tenants that the control plane alone writes.
const readOnlyBases = ["flags"];

function record(e) {
  tenancy.admitCaller(e, e.collection);
  return e.next();
}

function refuseReadOnly(collection) {
  if (readOnlyBases.indexOf(tenancy.baseOf(collection.name)) < 0) return;
  throw tenancy.refusal("read-only", "The platform alone writes here.");
}

function create(e) {
  const tenant = tenancy.admitCaller(e, e.collection);
  if (tenant === null) return e.next();
  refuseReadOnly(e.collection);
  if (e.collection.isAuth()) throw tenancy.refusal("single-sign-on-only", "Users are made by single sign-on.");
  return quota.within(e, tenant, true);
}

function remove(e) {
  const tenant = tenancy.admitCaller(e, e.collection);
  if (tenant !== null) refuseReadOnly(e.collection);
  return e.next();
}

function update(e) {
  const tenant = tenancy.admitCaller(e, e.collection);
  if (tenant === null) return e.next();
  refuseReadOnly(e.collection);
  if (e.collection.isAuth()) refuseEscalation(e);
  return quota.within(e, tenant, false);
}

function refuseEscalation(e) {
  const before = e.record.original();
  const isChanged = function (field) {
    return before.getString(field) !== e.record.getString(field);
  };
  if (identityFields.some(isChanged)) {
    throw tenancy.refusal("identity-read-only", "Identity comes from single sign-on.");
  }
  if (isChanged("role") && (e.auth.getString("role") !== "admin" || e.auth.id === e.record.id)) {
    throw tenancy.refusal("role-read-only", "A role is given by another administrator.");
  }
}

// The request itself carries no login, only a short-lived file token.
function file(e) {
  const holder = tenancy.fileTokenHolder(e.app, e.requestInfo().query["token"] || "");
  tenancy.admit(e.app, e.collection, holder, false);
  return e.next();
}

// A topic is a collection's name or id, then "/*" or "/<record>", then options behind "?". Null for a topic that is no
// collection's: PocketBase has some of its own.
function collectionOf(app, topic) {
  try {
    return app.findCachedCollectionByNameOrId(topic.split(/[/?]/)[0]);
  } catch (error) {
    if (String(error).indexOf("no rows in result set") < 0) throw error;
    return null;
  }
}

// "PB_CONNECT" comes from the SDK when a page asks to be told of new connections; "@oauth2" and the like are no records.
function isPocketBasesOwn(topic) {
  return topic === "PB_CONNECT" || topic[0] === "@";
}

function subscribe(e) {
  e.subscriptions.forEach(function (topic) {
    if (!isPocketBasesOwn(topic)) tenancy.admitByName(e.auth, topic.split(/[/?]/)[0]);
    const collection = collectionOf(e.app, topic);
    if (collection !== null) tenancy.admitCaller(e, collection);
  });
  return e.next();
}

// A connection lasts up to 30 minutes, a login or a tenant may end before. A refusal here ends the connection, and the
// client that comes back is told why when it subscribes.
function message(e) {
  const collection = collectionOf(e.app, e.message.name);
  if (collection !== null) tenancy.admit(e.app, collection, e.client.get("auth"), false);
  return e.next();
}

// Every way into a tenant other than pb_hooks/sessions.pb.js.
function signIn(e) {
  if (tenancy.namespaceOf(e.collection.name) !== "") {
    throw tenancy.refusal("single-sign-on-only", "Users of a tenant sign in by single sign-on.");
  }
  return e.next();
}

module.exports = {
  record: record,
  create: create,
  update: update,
  remove: remove,
  file: file,
  subscribe: subscribe,
  message: message,
  signIn: signIn,
};
