"""Requests per second beside other servers: server pinned to CPU 0, `wrk -t1` to CPU 1, keep-alive, JSON, turn by turn.

Starting, loading and stopping the servers is bench_http.py of PEERS_TOOLS. A row's ratio is Martlet's requests/s by a rival's.
"""
import json
import os
import tempfile

import support

# (rival, bar of the ratio, what it is)
RIVALS = [
    ("fastapi_naive", 10.0, "FastAPI + onnxruntime as most people write it"),
    ("fastapi_tuned", 4.0, "FastAPI + onnxruntime with orjson and numpy"),
    ("hummingbird_sink", 0.7, "Hummingbird that only swallows the body"),
]


def measure(server, options, environment):
    """Requests/s by (rows, connections), and the server's memory in MB after the last row."""
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl") as file:
        command = [
            "python3", f"{support.PEERS_TOOLS}/bench_http.py", "-p", "pin", "-s", str(options.seconds),
            "-w", "1", "-c", options.connections, "-b", options.rows, "-o", file.name, server]
        support.run(command, "0,1", environment)
        lines = [json.loads(line) for line in file.read().splitlines()]
    rates = {}
    for line in lines:
        if "error" in line:
            raise RuntimeError(f"{server}: {line['error']}")
        if "rps" in line:
            if line["non2xx"] or line["sock_err"]:
                raise RuntimeError(f"{server}: {line['non2xx']} errors, {line['sock_err']} broken")
            rates[line["rows"], line["conns"]] = line
    return rates


def main():
    parser = support.arguments(__doc__, rounds=3)
    parser.add_argument("--seconds", type=int, default=5, help="length of a row, default 5")
    parser.add_argument("--connections", default="1,8,64")
    parser.add_argument("--rows", default="1,8", help="rows in a request, default 1,8")
    parser.add_argument("--models", default=f"{support.ROOT}/models", help="must hold mnist-mlp")
    options = parser.parse_args()
    support.require(
        support.MARTLET, options.models, f"{support.PEERS_TOOLS}/bench_http.py",
        f"{support.PEERS}/bodies/inst1.json")
    # bench_http.py logs there, and does not make the folder.
    os.makedirs(f"{support.PEERS}/results", exist_ok=True)
    environment = {
        "MARTLET": os.path.abspath(support.MARTLET), "MARTLET_MODELS": os.path.abspath(options.models),
        "PEERS": support.PEERS}
    rivals = [rival for rival in RIVALS if options.only in rival[0]]
    record = support.Record("http", options.out)
    keys, memory = [], {}
    for number in range(options.rounds):
        for rival, _, _ in rivals:
            for server in ("martlet", rival):
                support.progress(f"round {number + 1} {server}")
                for key, line in measure(server, options, environment).items():
                    keys += [key] if key not in keys else []
                    memory[server] = line["rss"]
                    record.add(
                        key, server, line["rps"], p99_us=line["p99"], rss_mb=line["rss"])

    failures, lines = 0, []
    for key in keys:
        ours = record.median(key, "martlet")
        line = [f"{key[0]} rows, {key[1]} connections", f"{ours:.0f}"]
        for rival, bar, _ in rivals:
            theirs = record.median(key, rival)
            ratio = ours / theirs
            failures += ratio < bar
            line += [f"{theirs:.0f}", f"{ratio:.2f} {'PASS' if ratio >= bar else 'FAIL'}"]
        lines.append(line)
    head = ["requests/s, medians", "martlet"]
    for rival, bar, _ in rivals:
        head += [rival, f"ratio >= {bar:g}"]
    support.table(head, lines)
    print("\nmemory, MB: " + ", ".join(f"{server} {mb:.0f}" for server, mb in memory.items()))
    support.finish(record, failures)


if __name__ == "__main__":
    main()
