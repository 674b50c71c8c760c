"""X-Cloud-Trace-Context, as Google's edge adds it to requests that bring none.

The form is ``TRACE_ID/SPAN_ID`` with 32 hexadecimal digits and a decimal number. A request with a
W3C ``traceparent`` keeps its trace id, so that both headers name one trace.
Source: https://cloud.google.com/trace/docs/trace-context
"""

from typing import Any

_LUA = """
math.randomseed(os.time() + tonumber(tostring({}):match("0x(%x+)"), 16) % 2147483647)
local function digits(count)
  local parts = {}
  for i = 1, count do parts[i] = string.format("%x", math.random(0, 15)) end
  return table.concat(parts)
end
function envoy_on_request(handle)
  local headers = handle:headers()
  if headers:get("x-cloud-trace-context") == nil then
    local parent = headers:get("traceparent") or ""
    local trace = parent:match("^%x%x%-(" .. string.rep("%x", 32) .. ")%-") or digits(32)
    headers:add("x-cloud-trace-context", trace .. "/" .. math.random(1, 2147483647))
  end
end
"""

TRACE_FILTER: dict[str, Any] = {
    "name": "envoy.filters.http.lua",
    "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
        "default_source_code": {"inline_string": _LUA},
    },
}
