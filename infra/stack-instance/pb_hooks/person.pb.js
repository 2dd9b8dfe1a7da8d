// For the control plane only, { tenantId, namespace, sub }: ends the person's sessions at once -> 200 { disconnected },
// the number of connections that were cut off. 200 as well for a person who never signed in here.
routerAdd(
  "POST",
  "/api/kombify/sessions/end",
  (e) => {
    const request = require(`${__hooks}/person-request.js`).read(e);
    return e.json(200, { disconnected: require(`${__hooks}/person.js`).endSessions(e.app, request) });
  },
  $apis.requireSuperuserAuth(),
);

// For the control plane only, { tenantId, namespace, sub, isOrganisationAdmin } -> 204: the role that follows from it.
routerAdd(
  "POST",
  "/api/kombify/sessions/role",
  (e) => {
    const request = require(`${__hooks}/person-request.js`).read(e);
    require(`${__hooks}/person.js`).changeRole(e.app, request);
    return e.noContent(204);
  },
  $apis.requireSuperuserAuth(),
);
