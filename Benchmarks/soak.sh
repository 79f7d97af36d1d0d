#!/usr/bin/env bash
# Memory of `martlet serve` under 100,000 requests: resident memory at the start and after every 20,000, and the peak.
# Bars: peak <= 60 MB, and no growth of more than 1 MB after the first 20,000 (flat).
#
#   MARTLET=.build/release/martlet MODELS=models PORT=18200 REQUESTS=100000 Benchmarks/soak.sh
#
# Serves all models of the folder and asks each in turn, from 8 connections: JSON and PNG pictures to the classifiers, text, series and
# observations to the others.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
martlet=${MARTLET:-$root/.build/release/martlet}
models=${MODELS:-$root/models}
port=${PORT:-18200}
requests=${REQUESTS:-100000}
peak_max_kb=$((60 * 1000))
growth_max_kb=1000
work=$(mktemp -d)

"$martlet" serve "$models" --port "$port" >"$work/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 200); do
  curl -fs -o /dev/null "http://127.0.0.1:$port/readyz" && break
  sleep 0.05
done
curl -fsS -o /dev/null "http://127.0.0.1:$port/readyz" || { cat "$work/log" >&2; exit 1; }

# What each model is asked: path, content type, file of the body. A model that does not answer 200 is left out, and named.
mkdir "$work/bodies"
: >"$work/requests"
ask() { # MODEL VERB TYPE FILE
  local code
  code=$(curl -s -o "$work/answer" -w '%{http_code}' "http://127.0.0.1:$port/v1/models/$1:$2" \
    -H "Content-Type: $3" --data-binary "@$4")
  if [ "$code" = 200 ]; then
    printf '/v1/models/%s:%s\t%s\t%s\n' "$1" "$2" "$3" "$4" >>"$work/requests"
  elif [ -d "$models/$1" ]; then
    echo "left out: $1:$2 says $code $(head -c 200 "$work/answer")" >&2
  fi
}
json() { # MODEL VERB BODY
  printf '%s' "$3" >"$work/bodies/$1"
  ask "$1" "$2" application/json "$work/bodies/$1"
}
ask mnist-mlp predict application/json "$root/docs/digit-7.json"
for name in mnist-mlp lenet5 fashion-cnn; do ask "$name" predict image/png "$root/docs/digit-7.png"; done
ask captioner caption image/png "$root/docs/scene.png"
json char-lm sequence '{"instances":["ROMEO:"],"parameters":{"max_length":16,"seed":1}}'
json translate-en-de sequence '{"instances":["A dog runs on the beach."],"parameters":{"max_length":16}}'
json dates sequence '{"instances":["3rd of March 2021"]}'
json sentiment sequence '{"instances":["a warm and funny film"]}'
json chunker sequence '{"instances":["He reckons the current account deficit will narrow ."]}'
airline='112,118,132,129,121,135,148,148,136,119,104,118,115,126,141,135,125,149,170,170,158,133,114,140'
json forecast-airline sequence '{"instances":[['"$airline"']],"parameters":{"steps":6}}'
days=$(for day in $(seq 400); do printf '%d,' $((day * 7 % 20)); done)
json forecast-temperatures sequence '{"instances":[['"${days%,}"']],"parameters":{"steps":6}}'
json frozen-lake qvalues '{"instances":[0,4,8]}'
json cartpole-dqn qvalues '{"instances":[[0.01,0.02,-0.03,0.04]]}'
json cartpole-policy predict '{"instances":[[0.01,0.02,-0.03,0.04]]}'
if [ -d "$models/catch-dqn" ]; then
  zeros=$(printf '0,%.0s' $(seq 21)); row="[${zeros%,}]"
  frame="[$(printf "$row,%.0s" $(seq 20))$row]"
  json catch-dqn qvalues '{"instances":[['"$frame,$frame,$frame,$frame"']]}'
fi

# wrk counts time, not requests: the script ends it.
cat >"$work/mix.lua" <<'LUA'
local function read(path) local f = assert(io.open(path, "rb")); local t = f:read("*a"); f:close(); return t end
local limit, answered, sent, requests = tonumber(os.getenv("LIMIT")), 0, 0, {}
function init()
  for line in io.lines(os.getenv("MIX")) do
    local path, kind, file = line:match("([^\t]+)\t([^\t]+)\t([^\t]+)")
    requests[#requests + 1] = wrk.format("POST", path, {["Content-Type"] = kind}, read(file))
  end
end
function request() sent = sent + 1; return requests[sent % #requests + 1] end
function response(status, headers, body)
  answered = answered + 1
  if status ~= 200 then io.stderr:write("status " .. status .. ": " .. body .. "\n"); os.exit(1) end
  if answered >= limit then os.exit(0) end
end
LUA
export MIX=$work/requests LIMIT=$((requests / 5))

memory() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$server/status"; }
row() { printf '%10s  %8s kB  %8s kB\n' "$1" "$(memory VmRSS)" "$(memory VmHWM)"; }
echo "asked in turn: $(cut -f1 "$work/requests" | sort -u | tr '\n' ' ')"
printf '%10s  %11s  %11s\n' requests resident peak
row 0
for part in 1 2 3 4 5; do
  wrk -t1 -c8 -d600s -s "$work/mix.lua" "http://127.0.0.1:$port" >"$work/wrk" || { cat "$work/wrk" >&2; exit 1; }
  kill -0 "$server"
  row $((LIMIT * part))
  [ "$part" = 1 ] && first=$(memory VmRSS)
done
growth=$(($(memory VmRSS) - first))
peak=$(memory VmHWM)
kill -TERM "$server"
wait "$server"
status=0
[ "$peak" -le "$peak_max_kb" ] && verdict=PASS || { verdict=FAIL; status=1; }
echo "$verdict peak $peak kB, bar $peak_max_kb kB"
[ "$growth" -le "$growth_max_kb" ] && verdict=PASS || { verdict=FAIL; status=1; }
echo "$verdict growth after the first fifth $growth kB, bar $growth_max_kb kB"
exit "$status"
