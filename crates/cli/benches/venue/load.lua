-- Sends the bodies of a file, each once, shared among the threads. Arguments: file, threads, a connection's pause between requests in ms.
local threads = 0
function setup(thread)
  thread:set("id", threads)
  threads = threads + 1
end

local bodies, at, pause = {}, 0, 0
function init(args)
  local count = 0
  for line in io.lines(args[1]) do
    if count % tonumber(args[2]) == id then bodies[#bodies + 1] = line end
    count = count + 1
  end
  pause = tonumber(args[3])
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  at = at % #bodies + 1
  return wrk.format(nil, nil, nil, bodies[at])
end

function delay() return pause end

function done(summary, latency)
  local errors = summary.errors
  io.stderr:write(string.format(
    '{"requests":%d,"seconds":%.6f,"refused":%d,"broken":%d,"p50_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f}\n',
    summary.requests, summary.duration / 1e6, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
