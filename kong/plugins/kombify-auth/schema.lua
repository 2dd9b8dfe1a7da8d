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
          -- The query's "code" is a function key to Azure, and the answer of a sign-in to a page that signs people in
          -- itself. The key in the header comes first there, so such a page may be given it.
          { keeps_code = { type = "boolean", required = true, default = false } },
          -- What proves to the upstream that the gateway speaks: the Functions app knows its own key, anything else gets
          -- one that opens nothing but itself.
          { functions_key = { type = "string", referenceable = true, encrypted = true } },
          { gateway_key = { type = "string", referenceable = true, encrypted = true } },
        },
      },
    },
  },
  entity_checks = {
    { only_one_of = { "config.functions_key", "config.gateway_key" } },
    needed_when_required("issuer"),
    needed_when_required("audiences"),
    needed_when_required("jwks_uri"),
  },
}
