// Decides from the login alone, before a collection is looked up or a rule is asked. So a login that has ended is told in
// the same way for every method, and a collection of another tenant is answered like one that does not exist.

const tenancy = require(`${__hooks}/tenancy.js`);

// A realtime connection keeps one JavaScript machine (0.3 MB) for as long as it lasts, because the middleware's next()
// returns when it ends.
const maxRealtimeConnections = 500;

// What works without a login must work with a dead one too, or nobody could ever replace it.
const openPaths = ["/api/health", "/api/collections/_superusers/auth-with-password"];

function admit(e) {
  const path = e.request.url.path;
  if (path.indexOf("/api/") !== 0 || openPaths.indexOf(path) >= 0) return e.next();
  if (!e.auth && e.request.header.get("Authorization") !== "") throw tenancy.loginEnded();
  const collection = e.request.pathValue("collection");
  if (collection !== "") tenancy.admitByName(path.indexOf("/api/files/") === 0 ? fileReader(e) : e.auth, collection);
  if (path === "/api/realtime" && e.request.method === "GET") refuseTooManyConnections(e.app);
  return e.next();
}

// Files are asked for by pages, whose requests carry no login, only a short-lived file token.
function fileReader(e) {
  if (e.auth) return e.auth;
  return tenancy.fileTokenHolder(e.app, e.request.url.query().get("token"));
}

function refuseTooManyConnections(app) {
  if (app.subscriptionsBroker().totalClients() >= maxRealtimeConnections) {
    throw new ApiError(503, "There are too many live connections. Try again later.", {});
  }
}

module.exports = { admit: admit };
