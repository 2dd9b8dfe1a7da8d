local typedefs = require "kong.db.schema.typedefs"

local function needed_when_required(field)
  return {
    conditional = {
      if_field = "config.mode",
      if_match = { eq = "required" },
      then_field = "config." .. field,
      then_match = { required = true },
    },
  }
end

return {
  name = "kombify-auth",
  fields = {
    { consumer = typedefs.no_consumer },
    { protocols = typedefs.protocols_http },
    {
      config = {
        type = "record",
        fields = {
          -- No default: a route says what it wants.
          { mode = { type = "string", required = true, one_of = { "required", "strip" } } },
          { issuer = { type = "string", referenceable = true } },
          { audiences = { type = "array", len_min = 1, elements = { type = "string", referenceable = true } } },
          { jwks_uri = { type = "string", referenceable = true } },
          { functions_key = { type = "string", required = true, referenceable = true, encrypted = true } },
        },
      },
    },
  },
  entity_checks = {
    needed_when_required("issuer"),
    needed_when_required("audiences"),
    needed_when_required("jwks_uri"),
  },
}
