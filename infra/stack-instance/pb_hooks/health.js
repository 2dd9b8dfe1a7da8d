// What GET /health and GET /ready answer, and what a report says. One inspection at a time, kept for some seconds: asking
// often costs nothing, and while a check hangs everybody but the one who waits in it gets an answer at once.

const checks = require(`${__hooks}/health-checks.js`);
const streak = require(`${__hooks}/streak.js`);

const freshMilliseconds = 5000;
// A check that takes longer has failed. Some seconds of waiting for the only writer are normal (VACUUM, an import).
const slowMilliseconds = 3000;
// Then another inspection is tried, though the last has not come back.
const abandonedMilliseconds = 60000;

const names = ["database", "storage", "memory"];
const lastKey = "kombify.health.last";
const runningKey = "kombify.health.running";

// The store gives and takes values of Go; text is the same on both sides.
function parsed(text) {
  return text ? JSON.parse(text) : null;
}

function inspectNow(app) {
  const results = {};
  names.forEach(function (name) {
    const start = Date.now();
    app.store().set(runningKey, JSON.stringify({ since: start, check: name }));
    let reason = "";
    try {
      checks[name](app);
      if (Date.now() - start > slowMilliseconds) reason = "it took longer than " + slowMilliseconds + " ms";
    } catch (error) {
      reason = String(error);
    }
    results[name] = reason === "" ? "ok" : "failed";
    streak.note(app, "the check of " + name, reason);
  });
  app.store().set(lastKey, JSON.stringify({ at: Date.now(), results: results }));
  app.store().remove(runningKey);
  return results;
}

// What is known while another handler inspects.
function meanwhile(app, last, running) {
  if (Date.now() - running.since > slowMilliseconds) {
    const rest = last ? last.results : { database: "failed", storage: "failed", memory: "failed" };
    const hung = {};
    hung[running.check] = "failed";
    return Object.assign({}, rest, hung);
  }
  return last ? last.results : null;
}

// { database, storage, memory }, each "ok" or "failed".
function inspect(app) {
  for (;;) {
    const last = parsed(app.store().get(lastKey));
    if (last && Date.now() - last.at < freshMilliseconds) return last.results;
    const mine = JSON.stringify({ since: Date.now(), check: names[0], by: $security.randomString(10) });
    const running = app.store().getOrSet(runningKey, function () {
      return mine;
    });
    if (running === mine) return inspectNow(app);
    if (Date.now() - parsed(running).since > abandonedMilliseconds) {
      app.store().remove(runningKey);
      continue;
    }
    const known = meanwhile(app, last, parsed(running));
    if (known !== null) return known;
    sleep(20); // at the very start, until the first inspection is through or takes too long
  }
}

function version() {
  return $os.getenv("KOMBIFY_VERSION") || "unversioned";
}

// The body of /health (the founding document's Task 1.4).
function health(app) {
  const results = inspect(app);
  const isHealthy = results.database === "ok" && results.storage === "ok";
  return {
    status: isHealthy ? "healthy" : "degraded",
    version: version(),
    timestamp: new Date().toISOString(),
    checks: results,
  };
}

// The collections that the control plane makes when it prepares the instance. Looked up in memory, every time.
function hasCollections(app) {
  return ["_tenants", "_sso_mappings"].every(function (name) {
    try {
      return app.findCachedCollectionByNameOrId(name) !== null;
    } catch (error) {
      if (String(error).indexOf("no rows in result set") < 0) throw error;
      return false;
    }
  });
}

// { isReady, body }: the body of /health and, among the checks, `collections`.
function readiness(app) {
  const body = health(app);
  const isPrepared = hasCollections(app);
  const isReady = isPrepared && body.checks.database === "ok";
  body.checks = Object.assign({}, body.checks, { collections: isPrepared ? "ok" : "failed" });
  if (!isReady) body.status = "degraded";
  return { isReady: isReady, body: body };
}

module.exports = { health: health, readiness: readiness };
