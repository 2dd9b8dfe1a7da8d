-- Sends /stacks/<instance>/... to that Stack instance: found by DNS, without identity headers or keys of ours.
-- PocketBase signs its own users in, so Authorization passes through untouched.
local cjson = require "cjson.safe"
local paths = require "kong.plugins.kombify-stack.paths"
local problem = require "kong.plugins.kombify-problem.problem"
local strip = require "kong.plugins.kombify-auth.strip"

local Handler = {
  PRIORITY = 1410,
  VERSION = "1.0.0",
}

local function refuse(code)
  local status, document = problem.document(code, kong.request.get_header("X-Request-ID"))
  local headers = { ["Content-Type"] = problem.CONTENT_TYPE, ["Cache-Control"] = "no-store" }
  return kong.response.exit(status, cjson.encode(document), headers)
end

function Handler:access(conf)
  if not strip() then
    return refuse("invalid-request")
  end
  if type(conf.zone) ~= "string" or conf.zone == "" then
    kong.log.err("kombify-stack is not configured: the vault variable behind zone is unset")
    return refuse("internal")
  end
  -- At this point the router has put the normalised and escaped path here.
  local target = paths.target(ngx.var.upstream_uri, kong.request.get_method())
  if not target then
    return refuse("not-found")
  end
  if target.location then
    return kong.response.exit(308, nil, { Location = target.location })
  end
  kong.service.set_target(target.instance .. "." .. conf.zone, conf.port)
  kong.service.request.set_path(target.path)
  kong.ctx.plugin.page_headers = paths.page_headers(target.path)
end

function Handler:header_filter()
  for name, value in pairs(kong.ctx.plugin.page_headers or {}) do
    kong.response.set_header(name, value)
  end
end

return Handler
