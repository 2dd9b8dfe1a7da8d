-- Rewrites the errors Kong and nginx make themselves into problem documents, and hides what the upstreams are made of.
-- The body of an upstream's own answer passes unchanged.
local cjson = require "cjson.safe"
local problem = require "kong.plugins.kombify-problem.problem"

local Handler = {
  PRIORITY = 5,
  VERSION = "1.0.0",
}

local HIDDEN_HEADERS = { "Server", "Via", "X-Powered-By" }

function Handler:header_filter()
  for _, name in ipairs(HIDDEN_HEADERS) do
    kong.response.clear_header(name)
  end
  local status = kong.response.get_status()
  if status < 400 or kong.response.get_source() == "service" then
    return
  end
  if kong.response.get_header("Content-Type") == problem.CONTENT_TYPE then
    return
  end
  local request_id = kong.request.get_header("X-Request-ID")
  local _, document = problem.document(problem.code_of_status(status), request_id, status)
  local body = cjson.encode(document)
  kong.ctx.plugin.body = body
  kong.response.set_header("Content-Type", problem.CONTENT_TYPE)
  kong.response.set_header("Cache-Control", "no-store")
  kong.response.set_header("Content-Length", #body)
end

function Handler:body_filter()
  local body = kong.ctx.plugin.body
  if not body then
    return
  end
  ngx.arg[1] = nil
  if ngx.arg[2] then
    ngx.arg[1] = body
  end
end

return Handler
