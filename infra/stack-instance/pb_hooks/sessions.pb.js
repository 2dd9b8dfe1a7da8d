// POST /api/kombify/sessions, for the control plane only: signs in a person whose identity it has verified.
// { tenantId, namespace, sub, email?, name?, isOrganisationAdmin } -> 200 { token, record } as PocketBase's own sign-in,
// with a renewable token of the collection's duration; 403 user-limit-reached or tenant-suspended, 404 tenant-unknown.
routerAdd(
  "POST",
  "/api/kombify/sessions",
  (e) => {
    const request = require(`${__hooks}/person-request.js`).read(e);
    const outcome = require(`${__hooks}/session.js`).open(e.app, request);
    if (outcome.user) return $apis.recordAuthResponse(e, outcome.user, "");
    return e.json(outcome.status, outcome);
  },
  $apis.requireSuperuserAuth(),
);

// Tells a person who signs in or renews the login which tenant this is: `meta.tenant` of the answer.
onRecordAuthRequest((e) => {
  const tenancy = require(`${__hooks}/tenancy.js`);
  const namespace = tenancy.namespaceOf(e.record.collection().name);
  if (namespace !== "") {
    const tenant = tenancy.activeTenant(e.app, namespace);
    e.meta = { tenant: { name: tenant.getString("name"), slug: tenant.getString("slug") } };
  }
  return e.next();
});
