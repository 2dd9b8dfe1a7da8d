-- Rewrites the errors Kong and nginx make themselves into problem documents, and hides what the upstreams are made of.
-- The body of an upstream's own answer passes unchanged.
local cjson = require "cjson.safe"
local problem = require "kong.plugins.kombify-problem.problem"

local Handler = {
  PRIORITY = 5,
  VERSION = "1.0.0",
}

local HIDDEN_HEADERS = { "Server", "Via", "X-Powered-By" }

-- Before correlation-id: an id that may not stand in logs and answers as it is gets replaced by one of Kong's own.
function Handler:rewrite()
  local id = kong.request.get_header("X-Request-ID")
  if id and not problem.is_request_id(id) then
    kong.service.request.clear_header("X-Request-ID")
  end
end

-- An upstream's own answer passes, unless it is an error without a word, as the Functions host makes them.
local function is_ours(status)
  if kong.response.get_source() ~= "service" then
    return true
  end
  return problem.is_empty_error(
    status,
    kong.response.get_header("Content-Type"),
    kong.response.get_header("Content-Length")
  )
end

function Handler:header_filter()
  for _, name in ipairs(HIDDEN_HEADERS) do
    kong.response.clear_header(name)
  end
  local status = kong.response.get_status()
  if status < 400 or not is_ours(status) then
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
  if status == 503 then
    kong.response.set_header("Retry-After", "5")
  end
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
