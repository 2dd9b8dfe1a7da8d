local typedefs = require "kong.db.schema.typedefs"

return {
  name = "kombify-stack",
  fields = {
    { consumer = typedefs.no_consumer },
    { protocols = typedefs.protocols_http },
    {
      config = {
        type = "record",
        fields = {
          { mode = { type = "string", required = true, one_of = { "stack" } } },
          -- DNS zone of the instances, without a leading dot: <instance>.<zone>.
          { zone = { type = "string", required = true, referenceable = true } },
          { port = typedefs.port({ required = true }) },
        },
      },
    },
  },
}
