// What the control plane learns about a person elsewhere, done to the person's user here. A person without a user has
// nothing that could be ended or changed.

const session = require(`${__hooks}/session.js`);

// The user and what single sign-on knows of it; null when the tenant, or the person in it, is not known.
function find(app, request) {
  const tenant = app.findRecordsByIds("_tenants", [request.tenantId])[0];
  if (!tenant || tenant.getString("namespace") !== request.namespace) return null;
  const mapping = session.findMapping(app, request);
  if (!mapping) return null;
  const user = app.findRecordsByIds("users_" + request.namespace, [mapping.getString("pbUserId")])[0];
  return user ? { mapping: mapping, user: user } : null;
}

// Every token of the user is signed with its key as well, so all of them end with it; what is connected is cut off.
// PocketBase makes guests of its connections as soon as the key changes, so they are looked up before.
function endSessions(app, request) {
  const broker = app.subscriptionsBroker();
  let connections = [];
  app.runInTransaction(function (transaction) {
    const found = find(transaction, request);
    if (found === null) return;
    connections = connectionsOf(broker, found.user);
    found.user.refreshTokenKey();
    transaction.saveNoValidate(found.user);
  });
  connections.forEach(function (id) {
    broker.unregister(id);
  });
  return connections.length;
}

function connectionsOf(broker, user) {
  const clients = broker.clients();
  return Object.keys(clients).filter(function (id) {
    const auth = clients[id].get("auth");
    return auth && auth.id === user.id && auth.collection().id === user.collection().id;
  });
}

// As at the next sign-in, but now.
function changeRole(app, request) {
  app.runInTransaction(function (transaction) {
    const found = find(transaction, request);
    if (found === null) return;
    if (session.refreshRole(found.user, found.mapping, request.isOrganisationAdmin)) transaction.save(found.user);
    transaction.saveNoValidate(found.mapping);
  });
}

module.exports = { endSessions: endSessions, changeRole: changeRole };
