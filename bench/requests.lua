-- Drives wrk: requests of a file, one a line (method, path, body, tag; tabs between), in turn when there are several.
-- wrk ... URL -- FILE TOKEN; in the end one line of JSON.

function init(args)
   local method, path, body, tag
   local all = {}
   for line in io.lines(args[1]) do
      method, path, body, tag = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
      wrk.method, wrk.path = method, path
      wrk.headers["Authorization"] = "Token token=" .. args[2]
      if tag ~= "" then
         wrk.headers["If-None-Match"] = tag
      end
      if body ~= "" then
         wrk.body = body
         wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
      end
      all[#all + 1] = wrk.format()
   end
   if #all > 1 then
      local next = 0
      request = function()
         next = next % #all + 1
         return all[next]
      end
   end
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      '\n{"requests":%d,"seconds":%.6f,"p50_ms":%.3f,"p99_ms":%.3f,"bytes":%.0f,"failed":%d}\n',
      summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
      summary.bytes, errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
