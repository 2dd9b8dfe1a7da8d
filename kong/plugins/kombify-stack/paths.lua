-- Which paths of a Stack instance the world may reach: no ngx, no kong.
-- local/gateway/stack-paths.ts is the twin; paths.cases.json holds both to the same answers.
local _M = {}

local READING = { GET = true, HEAD = true }
local POST_ONLY = { POST = true }

-- Default ids of PocketBase's system collections (pbc_ + crc32): its API takes an id wherever it takes a name.
local SYSTEM_COLLECTION_IDS = {
  pbc_3142635823 = true, -- _superusers
  pbc_4275539003 = true, -- _authOrigins
  pbc_2281828961 = true, -- _externalAuths
  pbc_2279338944 = true, -- _mfas
  pbc_1638494021 = true, -- _otps
}

local STATIC_EXTENSIONS = {
  css = true,
  html = true,
  ico = true,
  js = true,
  png = true,
  svg = true,
  txt = true,
  webmanifest = true,
}

local EXACT = {
  ["/"] = READING,
  ["/health"] = READING,
  ["/ready"] = READING,
  ["/api/health"] = READING,
  ["/api/realtime"] = { GET = true, POST = true },
  ["/api/files/token"] = POST_ONLY,
}

-- A capture is a collection, by name or id.
local PATTERNS = {
  { "^/assets/[%w_%./-]+$", READING },
  { "^/api/files/([%w_]+)/[%w_]+/[%w_%.-]+$", READING },
  { "^/api/collections/([%w_]+)/records$", { GET = true, HEAD = true, POST = true } },
  { "^/api/collections/([%w_]+)/records/[%w_]+$", { GET = true, HEAD = true, PATCH = true, DELETE = true } },
  { "^/api/collections/([%w_]+)/auth%-refresh$", POST_ONLY },
}

local function is_tenant_collection(name)
  return name:sub(1, 1) ~= "_" and not SYSTEM_COLLECTION_IDS[name]
end

local function is_open(path, method)
  if EXACT[path] then
    return EXACT[path][method] == true
  end
  local extension = path:match("^/%w[%w_-]*%.(%l+)$")
  if extension and STATIC_EXTENSIONS[extension] then
    return READING[method] == true
  end
  for _, entry in ipairs(PATTERNS) do
    local captured = path:match(entry[1])
    if captured and entry[2][method] then
      -- Without a capture, match returns the whole path, which starts with a slash.
      return captured:sub(1, 1) == "/" or is_tenant_collection(captured)
    end
  end
  return false
end

-- Where a normalised, escaped path below /stacks/ leads: { instance, path }, { location }, or nil for "refuse".
function _M.target(path, method)
  local instance, rest = path:match("^/stacks/([%l%d][%l%d-]*)(.*)$")
  if not instance or #instance > 39 then
    return nil
  end
  if rest == "" then
    -- Without the slash, relative links of the page would leave the instance.
    return { location = "/stacks/" .. instance .. "/" }
  end
  if rest:sub(1, 1) ~= "/" or not is_open(rest, method) then
    return nil
  end
  return { instance = instance, path = rest }
end

-- Pages of a Stack are asked for again each time, so that a new release is seen at once, and are never framed: the
-- page cannot say the latter of itself. Answers of the API keep their own headers.
function _M.page_headers(path)
  if path:sub(1, 5) == "/api/" then
    return nil
  end
  local headers = { ["content-security-policy"] = "frame-ancestors 'none'", ["x-frame-options"] = "DENY" }
  if path:sub(1, 8) ~= "/assets/" then
    headers["cache-control"] = "no-cache"
  end
  return headers
end

return _M
