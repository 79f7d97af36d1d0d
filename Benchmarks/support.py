"""What the comparisons share: where things lie, how a process is timed, the table and the JSON lines."""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MARTLET = os.environ.get("MARTLET", f"{ROOT}/.build/release/martlet")
# The rivals: virtual environments, models and bodies that `setup.sh` of PEERS_TOOLS makes.
PEERS = os.environ.get("PEERS", os.path.expanduser("~/.cache/martlet-peers"))
PEERS_TOOLS = os.environ.get("PEERS_TOOLS", os.path.normpath(f"{ROOT}/../shared/tools/peers"))
# Data sets as published; see README.md.
DATA = os.environ.get("DATA", os.path.normpath(f"{ROOT}/../shared/data"))
PYTHON = f"{PEERS}/venv/bin/python"

# A measurement during which the process had less of its CPU than this is taken again, at most RETRIES times.
CPU_SHARE_MIN = 0.95
RETRIES = 3


def arguments(doc, rounds):
    """The parser that every comparison starts from."""
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=rounds, help=f"default {rounds}")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--cpu", default="1", help="CPU that both sides are pinned to, default 1")
    parser.add_argument("--out", default="", help="append every measurement to this file as a JSON line")
    return parser


def require(*paths):
    """Ends the program with what is missing."""
    for path in paths:
        if not os.path.exists(path):
            sys.exit(f"missing: {path} (see Benchmarks/README.md)")


def run(command, cpu, environment=None, timeout=600):
    """Runs a command on one CPU; answers its output and the share of that CPU that it had."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        ["taskset", "-c", cpu, *command], capture_output=True, text=True, timeout=timeout,
        env={**os.environ, **(environment or {})})
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}: {done.stderr.strip()[-300:]}")
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return done.stdout, used / wall


def undisturbed(measure):
    """Calls `measure` until it answers with a high CPU share; answers the least disturbed (value, share)."""
    best = (None, -1.0)
    for _ in range(RETRIES):
        value, share = measure()
        if share > best[1]:
            best = (value, share)
        if share >= CPU_SHARE_MIN:
            break
    return best


def martlet_microseconds(arguments, cpu):
    """The time of the one row that a `martlet bench ... --json` prints, and the CPU share."""
    def measure():
        output, share = run([MARTLET, "bench", *arguments, "--json"], cpu)
        rows = json.loads(output)
        if len(rows) != 1:
            raise RuntimeError(f"martlet bench {' '.join(arguments)}: {len(rows)} rows, expected 1")
        return rows[0]["time_us"], share
    return undisturbed(measure)


class Record:
    """Collects measurements, in memory and as JSON lines."""

    def __init__(self, kind, path):
        self.kind, self.path, self.values = kind, path, {}
        self.least_share = 1.0

    def add(self, row, side, value, **more):
        self.values.setdefault((row, side), []).append(value)
        self.least_share = min(self.least_share, more.get("cpu_share", 1.0))
        if self.path:
            line = {"kind": self.kind, "row": row, "side": side, "value": value, **more,
                    "load": round(os.getloadavg()[0], 2), "time": int(time.time())}
            with open(self.path, "a") as file:
                file.write(json.dumps(line) + "\n")

    def median(self, row, side):
        values = self.values.get((row, side))
        return statistics.median(values) if values else None

    def ratios(self, row, side, other):
        """The ratio of each round."""
        pairs = zip(self.values.get((row, side), []), self.values.get((row, other), []))
        return [a / b for a, b in pairs if b]


def table(head, rows):
    """Prints rows under a head: the first column to the left, the others to the right."""
    cells = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    for row in cells:
        print("  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths))).rstrip())


def progress(text):
    """A line about what is going on, on stderr."""
    print(f"{time.strftime('%T')} {text}", file=sys.stderr, flush=True)


def finish(record, failures):
    """The exit code: 1 where a bar was missed."""
    if record.least_share < CPU_SHARE_MIN:
        print(f"\nA process had only {record.least_share:.0%} of its CPU: the machine was busy, measure again.")
    print(f"\n{failures} of the bars above missed" if failures else "\nall bars met")
    sys.exit(1 if failures else 0)
