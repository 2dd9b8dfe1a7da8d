// Health reports to the control plane: every minute, if KOMBIFY_REPORT_URL and KOMBIFY_REPORT_KEY are set.
cronAdd("kombify-report", "* * * * *", () => require(`${__hooks}/report.js`).deliverInTurn($app));

// POST /api/kombify/report, superusers only: sends one now. 200 when it was delivered, 409 when reports are switched off or
// set wrongly, 502 when the control plane refused it or cannot be reached; { outcome, httpStatus, report }.
routerAdd(
  "POST",
  "/api/kombify/report",
  (e) => {
    const result = require(`${__hooks}/report.js`).deliver(e.app);
    const statuses = { delivered: 200, off: 409, refused: 502, unreachable: 502 };
    return e.json(statuses[result.outcome], result);
  },
  $apis.requireSuperuserAuth(),
);
