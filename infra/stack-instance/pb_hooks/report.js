// The instance's own word on its health, for the control plane (contract C8; README.md shows a signature).

const health = require(`${__hooks}/health.js`);
const machine = require(`${__hooks}/machine.js`);
const streak = require(`${__hooks}/streak.js`);

const timeoutSeconds = 5;
const spreadMilliseconds = 20000;
const shortestMeasureSeconds = 1;
const processorKey = "kombify.report.processor";
const subject = "the health report";

// { url, key, instanceId }, or null when reports are switched off (nothing set) or cannot be sent as they are set.
function settings(app) {
  const url = $os.getenv("KOMBIFY_REPORT_URL");
  const key = $os.getenv("KOMBIFY_REPORT_KEY");
  const instanceId = $os.getenv("KOMBIFY_INSTANCE_NAME");
  if (url === "" && key === "") return null;
  let mistake = "";
  if (!/^https?:\/\/[^\s/]/.test(url)) mistake = "KOMBIFY_REPORT_URL is not an http(s) URL";
  else if (key.length < 32) mistake = "KOMBIFY_REPORT_KEY has fewer than 32 characters";
  else if (instanceId === "") mistake = "KOMBIFY_INSTANCE_NAME is not set";
  if (mistake !== "") {
    streak.note(app, subject, mistake);
    return null;
  }
  return { url: url, key: key, instanceId: instanceId };
}

function percent(part, whole) {
  return Math.round(Math.min(100, Math.max(0, (100 * part) / whole)) * 10) / 10;
}

// This process's share of the processors it may use, since the last report; since its start for the first.
function cpuPercent(app) {
  const text = app.store().get(processorKey);
  const now = machine.processorTime();
  const before = text ? JSON.parse(text) : { used: 0, at: now.started };
  const seconds = Math.max(0.01, now.at - before.at); // the kernel counts in hundredths
  if (text && seconds < shortestMeasureSeconds) return before.percent;
  const result = percent(now.used - before.used, seconds * machine.processors());
  app.store().set(processorKey, JSON.stringify({ used: now.used, at: now.at, percent: result }));
  return result;
}

function memoryPercent() {
  const { used, limit } = machine.memory();
  return percent(used, limit);
}

function tenantCount(app) {
  try {
    return app.countRecords("_tenants");
  } catch (error) {
    // Not prepared yet, or the database is what fails: the checks say so.
    app.logger().debug("tenants were not counted", "reason", String(error));
    return 0;
  }
}

function statusOf(body) {
  if (body.checks.database !== "ok") return "unhealthy";
  return body.status;
}

function build(app, instanceId) {
  const body = health.health(app);
  return {
    instanceId: instanceId,
    timestamp: body.timestamp,
    status: statusOf(body),
    metrics: { cpuPercent: cpuPercent(app), memoryPercent: memoryPercent(), tenantCount: tenantCount(app) },
    version: body.version,
    checks: body.checks,
  };
}

// "t=<unix seconds>,v1=<hex HMAC-SHA256 of '<t>.<body>'>"
function signature(body, key, seconds) {
  return "t=" + seconds + ",v1=" + $security.hs256(seconds + "." + body, key);
}

function send(to, body) {
  try {
    const answer = $http.send({
      url: to.url,
      method: "POST",
      body: body,
      headers: {
        "content-type": "application/json",
        "X-Kombify-Signature": signature(body, to.key, Math.floor(Date.now() / 1000)),
      },
      timeout: timeoutSeconds,
    });
    const isAccepted = answer.statusCode >= 200 && answer.statusCode < 300;
    return {
      outcome: isAccepted ? "delivered" : "refused",
      httpStatus: answer.statusCode,
      reason: isAccepted ? "" : "the control plane answered " + answer.statusCode,
    };
  } catch (error) {
    return { outcome: "unreachable", httpStatus: null, reason: String(error) };
  }
}

// Sends one report now: { outcome: delivered|refused|unreachable|off, httpStatus, report }. Never throws for a control
// plane that is away or slow, and takes no longer than `timeoutSeconds` for it.
function deliver(app) {
  const to = settings(app);
  if (to === null) return { outcome: "off", httpStatus: null, report: null };
  const report = build(app, to.instanceId);
  const { outcome, httpStatus, reason } = send(to, JSON.stringify(report));
  streak.note(app, subject, reason);
  return { outcome: outcome, httpStatus: httpStatus, report: report };
}

// Every instance has its own moment within the minute, always the same, so that its reports are a minute apart.
function momentMilliseconds(instanceId) {
  return parseInt($security.sha256(instanceId).slice(0, 8), 16) % spreadMilliseconds;
}

function deliverInTurn(app) {
  const to = settings(app);
  if (to === null) return;
  sleep(momentMilliseconds(to.instanceId));
  deliver(app);
}

module.exports = { deliver: deliver, deliverInTurn: deliverInTurn };
