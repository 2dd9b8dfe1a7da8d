-- Removes from a request what no client may say about itself; used by kombify-auth and kombify-stack.
local claims = require "kong.plugins.kombify-auth.claims"

-- Kong 3.9.3 refuses requests with more headers, so a loop over this many sees all of them.
local MAXIMUM_HEADERS = 1000

-- Returns false when there are more headers than can be looked at, or a WebSocket is asked for with a body.
return function()
  local var = ngx.var
  if not claims.is_plain_upgrade(var.http_upgrade, var.http_content_length, var.http_transfer_encoding) then
    return false
  end
  local headers, err = ngx.req.get_headers(MAXIMUM_HEADERS, true)
  if err == "truncated" then
    return false
  end
  for name in pairs(headers) do
    if claims.is_stripped_header(name) then
      ngx.req.clear_header(name)
    end
  end
  -- Kong appends to what the client sent; the address it speaks from is the only one worth passing on.
  ngx.var.upstream_x_forwarded_for = ngx.var.remote_addr
  return true
end
