-- Runs the shared scenario tables against the pure Lua modules, under a plain LuaJIT:
--   luajit kong/spec/run-cases.lua <claims cases as a Lua chunk> <paths cases> <page cases> <problem cases>
-- Missing values ("null" in the tables) arrive as the global `null`, as cjson.null does inside Kong.
local claims = require "kong.plugins.kombify-auth.claims"
local paths = require "kong.plugins.kombify-stack.paths"
local problem = require "kong.plugins.kombify-problem.problem"

null = newproxy(false)

local checked, failed = 0, 0

local function show(value)
  if type(value) ~= "table" then
    return tostring(value)
  end
  local names = {}
  for name in pairs(value) do
    names[#names + 1] = tostring(name)
  end
  table.sort(names)
  local parts = {}
  for _, name in ipairs(names) do
    parts[#parts + 1] = name .. "=" .. show(value[name])
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end

local function check(title, seen, wanted)
  checked = checked + 1
  if wanted == null then
    wanted = nil
  end
  if show(seen) ~= show(wanted) then
    failed = failed + 1
    print("FAILED " .. title .. ": wanted " .. show(wanted) .. ", got " .. show(seen))
  end
end

local function each(list, run)
  assert(#list > 0, "an empty table of cases proves nothing")
  for _, case in ipairs(list) do
    run(case[1], case[2], case[3])
  end
end

local function joined(...)
  return select("#", ...) == 3 and table.concat({ ... }, ".") or nil
end

local cases = dofile(arg[1])
each(cases.headerNames, function(name, wanted)
  check("header " .. name, claims.is_stripped_header(name), wanted)
end)
each(cases.queries, function(query, wanted)
  check("query " .. query, claims.without_function_code(query), wanted)
end)
each(cases.authorizations, function(value, wanted)
  check("authorization " .. value, joined(claims.bearer_parts(value)), wanted)
end)
each(cases.protectedHeaders, function(header, wanted)
  check("protected header " .. show(header), claims.key_id(header), wanted)
end)
each(cases.jwksUris, function(uri, wanted)
  check("jwks uri " .. uri, claims.is_acceptable_jwks_uri(uri), wanted)
end)
for _, case in ipairs(cases.upgrades) do
  local function value(index)
    return case[index] ~= null and case[index] or nil
  end
  check("upgrade " .. show(case), claims.is_plain_upgrade(value(1), value(2), value(3)), case[4])
end
each(cases.identities, function(payload, wanted)
  check("identity of " .. show(payload), claims.identity_headers(payload), wanted)
end)
local expected = cases.expected
for _, case in ipairs(cases.claims) do
  local facts = { issuer = expected.issuer, audiences = expected.audiences, now = expected.nowEpochSeconds }
  check(case.title, claims.fault(case.claims, facts), case.fault)
end
each(dofile(arg[2]), function(method, path, wanted)
  check(method .. " " .. path, paths.target(path, method), wanted)
end)
each(dofile(arg[3]), function(path, wanted)
  check("headers of " .. path, paths.page_headers(path), wanted)
end)
local problems = dofile(arg[4])
each(problems.requestIds, function(id, wanted)
  check("request id " .. id, problem.is_request_id(id), wanted)
end)
for _, case in ipairs(problems.emptyErrors) do
  local content_type, content_length = case[2] ~= null and case[2] or nil, case[3] ~= null and case[3] or nil
  check("empty error " .. show(case), problem.is_empty_error(case[1], content_type, content_length), case[4])
end
for _, status in ipairs({ 400, 401, 404, 413, 429, 431, 500, 502, 503, 504 }) do
  local _, document = problem.document(problem.code_of_status(status), nil, status)
  check("problem of " .. status, document.status, status)
end

print(checked .. " checked, " .. failed .. " failed")
os.exit(failed == 0 and 0 or 1)
