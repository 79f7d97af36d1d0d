"""Promotions and rollbacks under load: no request may fail, and memory must not grow by more than one model.

A copy of models/mnist-mlp with several versions is served on CPU 0; `wrk` on CPU 1 asks it for predictions all the time,
while an alias moves to and fro through the admin API. Each move is followed by one request of our own, whose
X-Martlet-Version must be the new version already. Two runs: versions stay loaded, or every move loads one and
gives one up.
"""
import argparse
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import support

TOKEN = "a-token-of-the-benchmark"
MODEL = "mnist-mlp"
# Moves before memory is looked at first: allocators take what they need once.
WARM_UP = 200
ROW = json.dumps({"instances": [[0.0] * 784]})


class Server:
    """A server over a folder, pinned to CPU 0."""

    def __init__(self, folder, *flags):
        self.process = subprocess.Popen(
            ["taskset", "-c", "0", support.MARTLET, "serve", folder, "--port", "0", *flags],
            stdout=subprocess.PIPE, text=True,
            env={**os.environ, "MARTLET_ADMIN_TOKEN": TOKEN})
        line = self.process.stdout.readline()
        self.port = int(re.search(r"http://[^:]+:(\d+)", line).group(1))
        # Its reports must not fill the pipe.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while self.ask("GET", "/readyz")[0] != 200:
            time.sleep(0.05)

    def ask(self, method, path, body=None):
        """Status, headers and body of an answer."""
        self.connection.request(method, path, body, {"Authorization": f"Bearer {TOKEN}"})
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()

    def memory(self):
        """Resident memory, KB."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def copies(folder, count):
    """Versions 1 to count of the shipped model."""
    target = os.path.join(folder, MODEL)
    shutil.rmtree(target, ignore_errors=True)
    for version in range(1, count + 1):
        path = os.path.join(target, str(version))
        shutil.copytree(os.path.join(support.ROOT, "models", MODEL, "1"), path)
        file = os.path.join(path, "model.json")
        with open(file) as source:
            manifest = json.load(source)
        manifest["version"] = version
        with open(file, "w") as result:
            json.dump(manifest, result)


def model_memory(folder):
    """What one more loaded version takes, KB."""
    copies(folder, 9)
    sizes = []
    for loaded in ("1", "9"):
        server = Server(folder, "--loaded-versions", loaded)
        sizes.append(server.memory())
        server.stop()
    return (sizes[1] - sizes[0]) / 8


def load(port, connections, script):
    """Starts `wrk` until it is told to end."""
    return subprocess.Popen(
        ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", "-d3600s", "-s", script,
         f"http://127.0.0.1:{port}/v1/models/{MODEL}:predict"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def move(server, alias, number):
    """Every second move is a promotion of version 2, the others roll it back to 1; answers the time it took."""
    start = time.monotonic()
    if number % 2 == 0:
        status, _, text = server.ask("PUT", alias, json.dumps({"version": 2, "expected_version": 1}))
    else:
        status, _, text = server.ask("POST", f"{alias}/rollback", json.dumps({"expected_version": 2}))
    took = time.monotonic() - start
    wanted = 2 - number % 2
    if status != 200 or json.loads(text)["version"] != wanted:
        raise RuntimeError(f"move {number}: {status} {text}")
    status, headers, text = server.ask("POST", f"/v1/models/{MODEL}:predict", ROW)
    if status != 200 or headers["X-Martlet-Version"] != str(wanted):
        raise RuntimeError(f"after move {number}: {status}, version {headers['X-Martlet-Version']} {text[:200]}")
    return took


def settled(server):
    """Memory when the requests to the version before the last move are answered, still under load, KB."""
    time.sleep(2.5)
    return server.memory()


def run(folder, loaded, options, script):
    """Moves the alias under load; answers a row of the table and whether the bars were kept."""
    copies(folder, 3)
    server = Server(folder, "--loaded-versions", str(loaded))
    alias = f"/admin/v1/models/{MODEL}/aliases/stable"
    try:
        status, _, text = server.ask("PUT", alias, json.dumps({"version": 1}))
        if status != 200:
            raise RuntimeError(f"first alias: {status} {text}")
        wrk = load(server.port, options.connections, script)
        try:
            for number in range(WARM_UP):
                move(server, alias, number)
            before = settled(server)
            times = sorted(move(server, alias, number) for number in range(options.moves))
            after = settled(server)
        finally:
            # wrk reports when it is interrupted.
            wrk.send_signal(2)
            report = wrk.communicate(timeout=30)[0]
        audit = json.loads(server.ask("GET", "/admin/v1/audit?limit=1")[2])
    finally:
        server.stop()
    requests = int(re.search(r"(\d+) requests in", report).group(1))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", report).group(1))
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", report)
    broken = re.search(r"Socket errors: (.*)", report)
    failed = int(bad.group(1)) if bad else 0
    if broken:
        failed += sum(int(count) for count in re.findall(r"\d+", broken.group(1)))
    entries = audit["data"][0]["sequence"]
    if entries < WARM_UP + options.moves + 1:
        raise RuntimeError(f"the audit log has {entries} entries")
    return requests, failed, rate, times, before, after


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moves", type=int, default=1000, help="promotions and rollbacks, default 1000")
    parser.add_argument("--connections", type=int, default=8, help="of wrk, default 8")
    options = parser.parse_args()
    support.require(support.MARTLET, f"{support.ROOT}/models/{MODEL}")
    rows, failures = [], []
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "predict.lua")
        with open(script, "w") as file:
            file.write(f"wrk.method = 'POST'\nwrk.body = '{ROW}'\n")
        models = os.path.join(folder, "models")
        os.mkdir(models)
        one = model_memory(models)
        for name, loaded in (("all versions loaded", 3), ("every move loads one", 1)):
            support.progress(name)
            requests, failed, rate, times, before, after = run(models, loaded, options, script)
            drift = after - before
            rows.append([
                name, options.moves, requests, failed, f"{rate:.0f}",
                f"{times[len(times) // 2] * 1000:.1f}", f"{times[len(times) * 99 // 100] * 1000:.1f}",
                before, after, drift])
            if failed:
                failures.append(f"{name}: {failed} requests failed")
            if drift > one:
                failures.append(f"{name}: memory grew by {drift} KB, one model takes {one:.0f}")
    support.table(
        ["", "moves", "requests", "failed", "req/s", "p50 ms", "p99 ms", "KB before", "KB after", "drift"],
        rows)
    print(f"one more loaded version takes {one:.0f} KB")
    for failure in failures:
        print(f"MISSED: {failure}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
