"""Latency of predictions while a job trains on the same two cores: `wrk` at half of the capacity, with the job running and paused, turn by turn.

Bars: p99 with the job <= 2 times p99 without, no errors. The server, the training and wrk share CPUs 0 and 1.
"""
import os
import re
import statistics
import subprocess
import sys
import time

import serving
import support

# About what an answer takes under this load, besides the delay.
ANSWER_MS = 0.35
LUA = """
local limit = tonumber(os.getenv("DELAY_MS"))
wrk.method, wrk.headers["Content-Type"] = "POST", "application/json"
local file = io.open(os.getenv("BODY"), "rb")
wrk.body = file:read("*a")
file:close()
if limit > 0 then function delay() return math.random(0, 2 * limit) end end
"""


def wrk(server, body, delay, connections, seconds):
    """Requests/s, p50 and p99 in ms, and the number of errors."""
    script = os.path.join(server.folder, "load.lua")
    with open(script, "w") as file:
        file.write(LUA)
    output = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", script,
         server.url("/v1/models/mnist-mlp:predict")],
        capture_output=True, text=True, check=True, env={**os.environ, "BODY": body, "DELAY_MS": str(delay)}).stdout

    def milliseconds(name):
        value, unit = re.search(rf"{name}\s+([\d.]+)(us|ms|s)\b", output).groups()
        return float(value) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
    errors = sum(int(n) for n in re.findall(r"Non-2xx or 3xx responses: (\d+)", output))
    sockets = re.search(r"connect (\d+), read (\d+), write (\d+), timeout (\d+)", output)
    errors += sum(int(n) for n in sockets.groups()) if sockets else 0
    return rate, milliseconds("50%"), milliseconds("99%"), errors


def main():
    parser = support.arguments(__doc__, rounds=5)
    parser.add_argument("--seconds", type=int, default=5, help="length of a measurement, default 5")
    parser.add_argument("--connections", type=int, default=128)
    options = parser.parse_args()
    body = f"{support.ROOT}/docs/digit-7.json"
    with serving.Server(models=("mnist-mlp", "lenet5"), cpus="0,1") as server:
        capacity = wrk(server, body, 0, options.connections, options.seconds)[0]
        # Connections that wait this long on average, besides their answers, make half of that.
        delay = max(1, round(options.connections / (capacity / 2) * 1e3 - ANSWER_MS))
        file = server.upload(serving.examples(server.folder, count=10000))
        job = server.job(model="lenet5", training_file=file, head="replace", promote="never",
                         hyperparameters={"n_epochs": 10000, "batch_size": 128})["id"]
        server.wait(job, until=("running",))
        rows = {"without": [], "with": []}
        steps = lambda: (server.must("GET", f"/admin/v1/fine_tuning/jobs/{job}")["progress"] or {"step": 0})["step"]
        trained = 0
        for number in range(options.rounds):
            server.must("POST", f"/admin/v1/fine_tuning/jobs/{job}/pause")
            server.wait(job, until=("paused",))
            rows["without"].append(wrk(server, body, delay, options.connections, options.seconds))
            server.must("POST", f"/admin/v1/fine_tuning/jobs/{job}/resume")
            server.wait(job, until=("running",))
            time.sleep(0.3)
            before = steps()
            rows["with"].append(wrk(server, body, delay, options.connections, options.seconds))
            trained += steps() - before
            for name in ("without", "with"):
                rate, p50, p99, errors = rows[name][-1]
                print(f"round {number + 1} {name:8} job: {rate:8.0f} requests/s ({rate / capacity:.0%} of {capacity:.0f}), "
                      f"p50 {p50:.3f} ms, p99 {p99:.3f} ms, {errors} errors", flush=True)
        server.must("POST", f"/admin/v1/fine_tuning/jobs/{job}/cancel")
        median = {name: statistics.median(row[2] for row in rows[name]) for name in rows}
        errors = sum(row[3] for name in rows for row in rows[name])
        ratio = median["with"] / median["without"]
        print(f"p99 without {median['without']:.3f} ms, with {median['with']:.3f} ms: ratio {ratio:.2f} (bar 2.00), {errors} errors, "
              f"{trained} steps trained meanwhile")
        return 0 if ratio <= 2 and not errors and trained else 1


if __name__ == "__main__":
    sys.exit(main())
