-- The issuer's signing keys: one copy for all workers, refreshed ahead of need, kept while the issuer is down.
local http = require "resty.http"
local cjson = require "cjson.safe"
local pkey = require "resty.openssl.pkey"

local FRESH_SECONDS = 300
local STALE_SECONDS = 86400
local UNKNOWN_KEY_COOL_DOWN_SECONDS = 10
local FAILURE_COOL_DOWN_SECONDS = 1
local TIMEOUT_MILLISECONDS = 5000
local MAXIMUM_BYTES = 262144
local CHUNK_BYTES = 8192

local _M = {}

-- Parsing a key costs more than checking a signature, so each worker keeps the parsed ones of the current set.
local parsed_by_uri = {}

local function read_limited(response)
  local parts, size = {}, 0
  repeat
    local chunk, err = response.body_reader(CHUNK_BYTES)
    if err then
      return nil, err
    end
    if chunk then
      size = size + #chunk
      if size > MAXIMUM_BYTES then
        return nil, "the key set is larger than 256 KiB"
      end
      parts[#parts + 1] = chunk
    end
  until not chunk
  return table.concat(parts)
end

local function request(uri)
  local client = http.new()
  client:set_timeout(TIMEOUT_MILLISECONDS)
  local parts, err = client:parse_uri(uri, true)
  if not parts then
    return nil, err
  end
  local scheme, host, port, path = unpack(parts)
  local ok
  ok, err = client:connect({ scheme = scheme, host = host, port = port, ssl_verify = true, ssl_server_name = host })
  if not ok then
    return nil, err
  end
  local response
  response, err = client:request({ path = path, headers = { Host = host .. ":" .. port, Accept = "application/json" } })
  if not response then
    client:close()
    return nil, err
  end
  local body
  if response.status == 200 then
    body, err = read_limited(response)
  else
    err = "the key set was answered with status " .. response.status
  end
  client:close()
  return body, err
end

local function is_usable(key)
  return type(key) == "table"
    and key.kty == "RSA"
    and type(key.kid) == "string"
    and type(key.n) == "string"
    and type(key.e) == "string"
    and (key.use == nil or key.use == "sig")
    and (key.alg == nil or key.alg == "RS256")
end

local function fetch(uri)
  local body, err = request(uri)
  if not body then
    return nil, err
  end
  local set = cjson.decode(body)
  if type(set) ~= "table" or type(set.keys) ~= "table" then
    return nil, "the key set is not a JSON Web Key Set"
  end
  local jwk_by_kid, count = {}, 0
  for _, key in ipairs(set.keys) do
    if is_usable(key) then
      jwk_by_kid[key.kid] = cjson.encode({ kty = "RSA", n = key.n, e = key.e })
      count = count + 1
    end
  end
  if count == 0 then
    return nil, "the key set has no RSA signing key with a kid"
  end
  return { jwk_by_kid = jwk_by_kid, fetched_at = ngx.now() }
end

local function flag(kind, uri)
  return "kombify-jwks:" .. kind .. ":" .. uri
end

local function load(uri)
  local flags = ngx.shared.kong
  if flags:get(flag("failed", uri)) then
    return nil, "the key set could not be read a moment ago"
  end
  local set, err = fetch(uri)
  if set then
    flags:delete(flag("unavailable", uri))
    return set
  end
  flags:set(flag("failed", uri), true, FAILURE_COOL_DOWN_SECONDS)
  flags:set(flag("unavailable", uri), true, STALE_SECONDS)
  kong.log.err("cannot read the key set at ", uri, ": ", err)
  return nil, err
end

local function options()
  return { ttl = STALE_SECONDS }
end

local function renew(uri)
  return kong.cache:renew(flag("set", uri), options(), load, uri)
end

local function refresh_in_background(uri)
  if not ngx.shared.kong:add(flag("refresh", uri), true, 2 * TIMEOUT_MILLISECONDS / 1000) then
    return
  end
  local ok, err = ngx.timer.at(0, function(premature)
    if not premature then
      -- A failure was logged by load and leaves the last good set in place.
      renew(uri)
    end
  end)
  if not ok then
    kong.log.err("cannot start a timer to refresh the key set: ", err)
  end
end

local function current_set(uri)
  local set, err = kong.cache:get(flag("set", uri), options(), load, uri)
  if not set then
    return nil, err
  end
  local age = ngx.now() - set.fetched_at
  if age >= STALE_SECONDS then
    return nil, "the key set is older than 24 hours"
  end
  if age >= FRESH_SECONDS then
    refresh_in_background(uri)
  end
  return set
end

local function parsed_key(uri, set, kid)
  local parsed = parsed_by_uri[uri]
  if not parsed or parsed.fetched_at ~= set.fetched_at then
    parsed = { fetched_at = set.fetched_at, keys = {} }
    parsed_by_uri[uri] = parsed
  end
  if not parsed.keys[kid] then
    local key, err = pkey.new(set.jwk_by_kid[kid], { format = "JWK" })
    if not key then
      kong.log.err("cannot use key ", kid, " of ", uri, ": ", err)
      return nil
    end
    parsed.keys[kid] = key
  end
  return parsed.keys[kid]
end

-- The RS256 key with this id; nil when the issuer does not publish it; nil and an error when that cannot be known.
function _M.find(uri, kid)
  local set, err = current_set(uri)
  if not set then
    return nil, err
  end
  if not set.jwk_by_kid[kid] then
    if ngx.shared.kong:add(flag("unknown", uri), true, UNKNOWN_KEY_COOL_DOWN_SECONDS) then
      set, err = renew(uri)
      if not set then
        return nil, err
      end
    end
    if not set.jwk_by_kid[kid] then
      local is_unavailable = ngx.shared.kong:get(flag("unavailable", uri))
      return nil, is_unavailable and "the key set cannot be read" or nil
    end
  end
  return parsed_key(uri, set, kid)
end

return _M
