#!/usr/bin/env bash
# Memory of `martlet serve` under 100,000 requests: resident memory at the start and after every 20,000, and the peak.
# Bars: peak <= 60 MB, and no growth of more than 1 MB after the first 20,000 (flat).
#
#   MARTLET=.build/release/martlet MODELS=models PORT=18200 REQUESTS=100000 Benchmarks/soak.sh
#
# Sends JSON to mnist-mlp and PNG pictures to every model of digits and clothes in turn, from 8 connections.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
martlet=${MARTLET:-$root/.build/release/martlet}
models=${MODELS:-$root/models}
port=${PORT:-18200}
requests=${REQUESTS:-100000}
peak_max_kb=$((60 * 1000))
growth_max_kb=1000
work=$(mktemp -d)

# The classifiers alone: the bar is theirs, and the sequence models' weights would be counted too.
mkdir "$work/models"
for name in mnist-mlp lenet5 fashion-cnn; do
  if [ -d "$models/$name" ]; then cp -r "$models/$name" "$work/models/"; fi
done
"$martlet" serve "$work/models" --port "$port" >"$work/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 200); do
  curl -fs -o /dev/null "http://127.0.0.1:$port/readyz" && break
  sleep 0.05
done
curl -fsS -o /dev/null "http://127.0.0.1:$port/readyz" || { cat "$work/log" >&2; exit 1; }

# wrk counts time, not requests: the script ends it.
cat >"$work/mix.lua" <<'LUA'
local function read(path) local f = assert(io.open(path, "rb")); local t = f:read("*a"); f:close(); return t end
local json, png = read(os.getenv("JSON")), read(os.getenv("PNG"))
local limit, answered, sent, requests = tonumber(os.getenv("LIMIT")), 0, 0, {}
function init()
  requests[1] = wrk.format("POST", "/v1/models/mnist-mlp:predict", {["Content-Type"] = "application/json"}, json)
  for name in os.getenv("IMAGE_MODELS"):gmatch("%S+") do
    requests[#requests + 1] = wrk.format("POST", "/v1/models/" .. name .. ":predict", {["Content-Type"] = "image/png"}, png)
  end
end
function request() sent = sent + 1; return requests[sent % #requests + 1] end
function response(status, headers, body)
  answered = answered + 1
  if status ~= 200 then io.stderr:write("status " .. status .. ": " .. body .. "\n"); os.exit(1) end
  if answered >= limit then os.exit(0) end
end
LUA
image_models=
for name in mnist-mlp lenet5 fashion-cnn; do
  code=$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/v1/models/$name:predict" \
    -H 'Content-Type: image/png' --data-binary "@$root/docs/digit-7.png")
  [ "$code" = 200 ] && image_models="$image_models $name"
done
export JSON=$root/docs/digit-7.json PNG=$root/docs/digit-7.png IMAGE_MODELS=$image_models
export LIMIT=$((requests / 5))

memory() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$server/status"; }
row() { printf '%10s  %8s kB  %8s kB\n' "$1" "$(memory VmRSS)" "$(memory VmHWM)"; }
echo "models with pictures:${image_models:- none}"
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
