// The body by which the control plane names a person of a tenant.

function textOf(body, name, isNeeded) {
  const value = body[name];
  if (typeof value === "string" && value.length <= 255 && (value !== "" || !isNeeded)) return value;
  if (!isNeeded && (value === undefined || value === null)) return "";
  throw new BadRequestError("The member " + name + " must be a text of at most 255 characters.");
}

// { tenantId, namespace, sub, email, name, isOrganisationAdmin }; what is optional and missing is empty.
function read(e) {
  const body = e.requestInfo().body;
  return {
    tenantId: textOf(body, "tenantId", true),
    namespace: textOf(body, "namespace", true),
    sub: textOf(body, "sub", true),
    email: textOf(body, "email", false),
    name: textOf(body, "name", false).slice(0, 200),
    isOrganisationAdmin: body.isOrganisationAdmin === true,
  };
}

module.exports = { read: read };
