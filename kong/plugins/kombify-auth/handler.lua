-- Lets a request through with an identity the gateway vouches for, or without any. Never with the client's own.
local base64 = require "ngx.base64"
local cjson = require "cjson.safe"
local claims = require "kong.plugins.kombify-auth.claims"
local jwks = require "kong.plugins.kombify-auth.jwks"
local strip = require "kong.plugins.kombify-auth.strip"
local problem = require "kong.plugins.kombify-problem.problem"

local Handler = {
  -- After cors (2000), before request-size-limiting (951) and rate-limiting (910).
  PRIORITY = 1420,
  VERSION = "1.0.0",
}

local function refuse(code, headers)
  local status, document = problem.document(code, kong.request.get_header("X-Request-ID"))
  local all = { ["Content-Type"] = problem.CONTENT_TYPE, ["Cache-Control"] = "no-store" }
  for name, value in pairs(headers or {}) do
    all[name] = value
  end
  return kong.response.exit(status, cjson.encode(document), all)
end

local function decode_object(part)
  local text = base64.decode_base64url(part)
  local value = text and cjson.decode(text)
  return type(value) == "table" and value or nil
end

local function invalid_token()
  return refuse("unauthenticated", { ["WWW-Authenticate"] = 'Bearer error="invalid_token"' })
end

-- Header and value of what proves to the upstream that the gateway speaks.
local function proof(conf)
  if conf.gateway_key then
    return "x-kombify-gateway-key", conf.gateway_key
  end
  return "x-functions-key", conf.functions_key
end

local function is_configured(conf)
  local _, key = proof(conf)
  local needed = { key }
  if conf.mode == "required" then
    needed = { key, conf.issuer, conf.jwks_uri, conf.audiences and conf.audiences[1] }
  end
  local expected = conf.mode == "required" and 4 or 1
  for index = 1, expected do
    -- An unset variable behind a vault reference arrives here as an empty text.
    if type(needed[index]) ~= "string" or needed[index] == "" then
      return false
    end
  end
  return conf.mode ~= "required" or claims.is_acceptable_jwks_uri(conf.jwks_uri)
end

-- The accepted claims of the request's token; otherwise the request has been answered and nil is returned.
local function authenticate(conf)
  local header_part, payload_part, signature_part = claims.bearer_parts(kong.request.get_header("Authorization"))
  if not header_part then
    return nil, refuse("unauthenticated", { ["WWW-Authenticate"] = "Bearer" })
  end
  local header, payload = decode_object(header_part), decode_object(payload_part)
  local signature = base64.decode_base64url(signature_part)
  local kid = header and claims.key_id(header)
  if not kid or not payload or not signature then
    return nil, invalid_token()
  end
  local key, err = jwks.find(conf.jwks_uri, kid)
  if err then
    return nil, refuse("identity-provider-unavailable", { ["Retry-After"] = "5" })
  end
  if not key or not key:verify(signature, header_part .. "." .. payload_part, "sha256") then
    return nil, invalid_token()
  end
  local expected = { issuer = conf.issuer, audiences = conf.audiences, now = ngx.now() }
  if claims.fault(payload, expected) then
    return nil, invalid_token()
  end
  return payload
end

function Handler:access(conf)
  if not strip() then
    return refuse("invalid-request")
  end
  if not is_configured(conf) then
    kong.log.err("kombify-auth is not configured: a vault variable is unset, or jwks_uri is not https")
    return refuse("internal")
  end
  local query = kong.request.get_raw_query()
  if query ~= "" and not conf.keeps_code then
    kong.service.request.set_raw_query(claims.without_function_code(query))
  end
  if conf.mode == "required" then
    local payload = authenticate(conf)
    if not payload then
      return
    end
    for name, value in pairs(claims.identity_headers(payload)) do
      kong.service.request.set_header(name, value)
    end
    kong.client.authenticate(nil, { id = payload.sub })
  end
  kong.service.request.set_header(proof(conf))
end

return Handler
