-- RFC 9457 problem documents of the gateway: no ngx, no kong. local/gateway/problem.ts says the same.
local _M = { CONTENT_TYPE = "application/problem+json" }

local PROBLEMS = {
  ["invalid-request"] = { 400, "Bad request", "The request is not well-formed." },
  ["unauthenticated"] = { 401, "Not signed in", "A valid access token is required." },
  ["not-found"] = { 404, "Not found", "There is nothing at this address." },
  ["too-large"] = { 413, "Too large", "The request body is too large." },
  ["rate-limited"] = { 429, "Too many requests", "Too many requests; try again later." },
  ["internal"] = { 500, "Internal error", "The gateway failed." },
  ["upstream-unavailable"] = { 502, "Not available at the moment", "The service behind the gateway did not answer." },
  ["stack-unavailable"] = { 503, "Not available at the moment", "The Stack cannot be found at the moment." },
  ["identity-provider-unavailable"] = {
    503,
    "Not available at the moment",
    "Sign-in cannot be checked at the moment.",
  },
  ["upstream-timeout"] = { 504, "Not available at the moment", "The service behind the gateway took too long." },
}

local CODE_OF_STATUS = {
  [401] = "unauthenticated",
  [404] = "not-found",
  [413] = "too-large",
  [429] = "rate-limited",
  [502] = "upstream-unavailable",
  [503] = "upstream-unavailable",
  [504] = "upstream-timeout",
}

-- What may go into logs and answers as it is.
function _M.is_request_id(id)
  return #id <= 100 and id:match("^[A-Za-z0-9._-]+$") ~= nil
end

-- True for an error without a word: the Functions host's own 404, 401 and 503.
function _M.is_empty_error(status, content_type, content_length)
  return status >= 400 and content_type == nil and content_length == "0"
end

-- The code of an error that Kong made itself.
function _M.code_of_status(status)
  return CODE_OF_STATUS[status] or (status < 500 and "invalid-request" or "internal")
end

-- Status and members of the document with this code; a status given overrides the code's own.
function _M.document(code, request_id, status)
  local own_status, title, detail = unpack(PROBLEMS[code])
  return own_status,
    {
      type = "https://docs.kombify.io/problems/" .. code,
      title = title,
      status = status or own_status,
      code = code,
      detail = detail,
      requestId = request_id,
    }
end

return _M
