-- What a token and a request must look like, and what becomes of them: no ngx, no kong, no I/O.
-- local/gateway/claims.ts is the twin; claims.cases.json holds both to the same answers.
local _M = {}

local LEEWAY_SECONDS = 10
local ORGANISATION = "urn:zitadel:iam:user:resourceowner:id"
local PLAN = "urn:kombify:plan"

local STRIPPED = {}
for _, name in ipairs({
  "forwarded",
  "x-anonymous-consumer",
  "x-credential-identifier",
  "x-functions-clientid",
  "x-functions-key",
  "x-http-method",
  "x-http-method-override",
  "x-kombify-gateway-key",
  "x-method-override",
  "x-org-id",
  "x-original-host",
  "x-original-url",
  "x-real-ip",
  "x-rewrite-url",
  "x-subscription-plan",
  "x-user-email",
  "x-user-id",
}) do
  STRIPPED[name] = true
end

local STRIPPED_PREFIXES = { "x-authenticated-", "x-consumer-", "x-forwarded-", "x-ms-client-principal", "x-ms-token-" }

-- Whether a client's header must not reach an upstream: identity, keys, forwarding facts, and any `_` spelling.
function _M.is_stripped_header(name)
  if name:find("_", 1, true) then
    return true
  end
  local normalised = name:lower()
  if STRIPPED[normalised] then
    return true
  end
  for _, prefix in ipairs(STRIPPED_PREFIXES) do
    if normalised:sub(1, #prefix) == prefix then
      return true
    end
  end
  return false
end

-- Whether what comes after the request line can be read in one way only: a request that asks for a WebSocket has no body.
-- A server that switches protocols may skip a body and take it for the first frames.
function _M.is_plain_upgrade(upgrade, content_length, transfer_encoding)
  if upgrade == nil or upgrade:lower() ~= "websocket" then
    return true
  end
  return transfer_encoding == nil and (content_length == nil or content_length == "0")
end

local function decoded_name(pair)
  local name = pair:match("^[^=]*"):gsub("+", " ")
  name = name:gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end)
  return name:lower()
end

-- The query without `code`, which Azure Functions reads as a key; in whatever case or escape it is spelled.
function _M.without_function_code(raw_query)
  local kept = {}
  for pair in (raw_query .. "&"):gmatch("([^&]*)&") do
    if decoded_name(pair) ~= "code" then
      kept[#kept + 1] = pair
    end
  end
  return table.concat(kept, "&")
end

-- The three parts of the compact JWS in `Authorization: Bearer`; nil when there is none.
function _M.bearer_parts(authorization)
  if type(authorization) ~= "string" or #authorization > 8200 then
    return nil
  end
  local scheme, header, payload, signature =
    authorization:match("^(%a+) +([%w_-]+)%.([%w_-]+)%.([%w_-]+) *$")
  if not scheme or scheme:lower() ~= "bearer" then
    return nil
  end
  return header, payload, signature
end

-- Keys are fetched over TLS; plain http only from the machine itself (development).
function _M.is_acceptable_jwks_uri(uri)
  if uri:match("^https://[%w%.-]+") then
    return true
  end
  local host = uri:match("^http://([%w%.-]+)[:/]")
  return host == "127.0.0.1" or host == "localhost" or host == "host.docker.internal"
end

-- The key id of an acceptable protected header: RS256 only, a `kid`, no critical extensions.
function _M.key_id(header)
  local kid = header.kid
  if header.alg ~= "RS256" or header.crit ~= nil or type(kid) ~= "string" or #kid < 1 or #kid > 256 then
    return nil
  end
  return kid
end

local function is_identifier(value)
  return type(value) == "string" and #value <= 128 and value:match("^%w[%w%._:@|-]*$") ~= nil
end

local function has_audience(audience, accepted)
  local audiences = type(audience) == "table" and audience or { audience }
  for _, each in ipairs(audiences) do
    for _, own in ipairs(accepted) do
      if type(each) == "string" and each == own then
        return true
      end
    end
  end
  return false
end

-- Whether an optional instant is absent or not later than now (plus leeway).
local function is_past(instant, now)
  return instant == nil or (type(instant) == "number" and instant - LEEWAY_SECONDS <= now)
end

local function time_fault(claims, now)
  if type(claims.exp) ~= "number" then
    return "exp"
  end
  if claims.exp + LEEWAY_SECONDS <= now then
    return "expired"
  end
  if not is_past(claims.nbf, now) then
    return "nbf"
  end
  if not is_past(claims.iat, now) then
    return "iat"
  end
  return nil
end

-- Why the claims of a correctly signed token are not acceptable; nil when they are.
-- expected: { issuer, audiences, now } with now in epoch seconds.
function _M.fault(claims, expected)
  if claims.iss ~= expected.issuer then
    return "iss"
  end
  if not has_audience(claims.aud, expected.audiences) then
    return "aud"
  end
  local fault = time_fault(claims, expected.now)
  if fault then
    return fault
  end
  if not is_identifier(claims.sub) then
    return "sub"
  end
  if claims[ORGANISATION] ~= nil and not is_identifier(claims[ORGANISATION]) then
    return "org"
  end
  return nil
end

-- Contract C2: the identity headers of accepted claims. A claim that is absent or unfit for a header sets none.
function _M.identity_headers(claims)
  local headers = {}
  if is_identifier(claims.sub) then
    headers["X-User-ID"] = claims.sub
  end
  local email = claims.email
  if type(email) == "string" and #email <= 254 and email:match("^[!-~]+@[!-~]+$") then
    headers["X-User-Email"] = email
  end
  if is_identifier(claims[ORGANISATION]) then
    headers["X-Org-ID"] = claims[ORGANISATION]
  end
  local plan = claims[PLAN]
  if type(plan) == "string" and #plan <= 32 and plan:match("^%l[%l%d-]*$") then
    headers["X-Subscription-Plan"] = plan
  end
  return headers
end

return _M
