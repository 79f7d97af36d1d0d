"""Inference beside onnxruntime: the same model.onnx, one thread, one CPU, turn by turn.

A row's ratio is Martlet's median time by onnxruntime's: below 1 Martlet is faster.
"""
import json
import os
import statistics
import sys
import time

import support

# (model, batch, bar of the ratio)
ROWS = [
    ("mlp", 1, 1.0), ("mlp", 64, 1.0), ("lenet", 1, 0.7), ("lenet", 64, 0.7),
    ("cnn128", 1, 1.0), ("cnn128", 32, 1.0),
]
SHAPES = {"mlp": (784,), "lenet": (1, 28, 28), "cnn128": (1, 128, 128), "identity": (784,)}


def onnxruntime_worker(path, shape, repeats=7, repeat_seconds=0.15, warm_seconds=0.25):
    """Times `session.run` in this process: warm-up, then the median of repeats of about equal length."""
    import numpy
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    generator = numpy.random.default_rng(0)
    feed = {session.get_inputs()[0].name: generator.standard_normal(shape).astype(numpy.float32)}

    def seconds(count):
        start = time.perf_counter()
        for _ in range(count):
            session.run(None, feed)
        return (time.perf_counter() - start) / count

    calls, end = 0, time.perf_counter() + warm_seconds
    while calls < 2 or time.perf_counter() < end:
        session.run(None, feed)
        calls += 1
    count = max(1, int(repeat_seconds / seconds(max(1, calls // 4))))
    cpu, wall = time.process_time(), time.perf_counter()
    median = statistics.median(seconds(count) for _ in range(repeats))
    share = (time.process_time() - cpu) / (time.perf_counter() - wall)
    print(json.dumps({"us": median * 1e6, "share": share, "version": onnxruntime.__version__}))


def onnxruntime_microseconds(model, batch, cpu):
    shape = ",".join(map(str, (batch, *SHAPES[model])))
    path = f"{support.PEERS}/models/{model}.onnx"

    def measure():
        output, _ = support.run(
            [support.PYTHON, os.path.abspath(__file__), "--worker", path, shape], cpu,
            {"OMP_NUM_THREADS": "1"})
        result = json.loads(output)
        return result["us"], result["share"]
    return support.undisturbed(measure)


def main():
    options = support.arguments(__doc__, rounds=5).parse_args()
    rows = [row for row in ROWS if options.only in f"{row[0]} {row[1]}"]
    support.require(
        support.MARTLET, support.PYTHON, *(f"{support.PEERS}/models/{row[0]}.onnx" for row in rows))
    record = support.Record("infer", options.out)
    for number in range(options.rounds):
        for model, batch, _ in rows:
            name = f"{model} {batch}"
            support.progress(f"round {number + 1} {name}")
            path = f"{support.PEERS}/models/{model}.onnx"
            value, share = support.martlet_microseconds(
                ["infer", "--model", path, "--batch", str(batch)], options.cpu)
            record.add(name, "martlet", value, cpu_share=round(share, 3))
            value, share = onnxruntime_microseconds(model, batch, options.cpu)
            record.add(name, "onnxruntime", value, cpu_share=round(share, 3))
    overhead, _ = onnxruntime_microseconds("identity", 1, options.cpu)

    failures, lines = 0, []
    for model, batch, bar in rows:
        name = f"{model} {batch}"
        ours, theirs = record.median(name, "martlet"), record.median(name, "onnxruntime")
        ratio = ours / theirs
        failures += ratio > bar
        each = record.ratios(name, "martlet", "onnxruntime")
        lines.append([
            name, f"{ours:.1f}", f"{theirs:.1f}", f"{ratio:.2f}",
            f"{min(each):.2f}..{max(each):.2f}", f"<= {bar}", "PASS" if ratio <= bar else "FAIL"])
    support.table(
        ["model, batch", "martlet us", "onnxruntime us", "ratio", "rounds", "bar", ""], lines)
    print(f"\nAn empty call of onnxruntime from Python (Identity, 784 numbers) takes {overhead:.1f} us of its rows.")
    support.finish(record, failures)


if len(sys.argv) == 4 and sys.argv[1] == "--worker":
    onnxruntime_worker(sys.argv[2], [int(size) for size in sys.argv[3].split(",")])
elif __name__ == "__main__":
    main()
