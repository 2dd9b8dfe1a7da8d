// GET /health -> 200, GET /ready -> 200 or 503, without a login, in the founding document's shape (Task 1.4):
// { status: healthy|degraded, version, timestamp, checks: { database, storage, memory: ok|failed } }; /ready adds the check
// `collections`. Asked every few seconds, so only failures go to the log.

routerAdd(
  "GET",
  "/health",
  (e) => {
    e.response.header().set("Cache-Control", "no-store");
    return e.json(200, require(`${__hooks}/health.js`).health(e.app));
  },
  $apis.skipSuccessActivityLog(),
);

routerAdd(
  "GET",
  "/ready",
  (e) => {
    const { isReady, body } = require(`${__hooks}/health.js`).readiness(e.app);
    e.response.header().set("Cache-Control", "no-store");
    return e.json(isReady ? 200 : 503, body);
  },
  $apis.skipSuccessActivityLog(),
);
