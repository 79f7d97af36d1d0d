"""Inference beside onnxruntime, and for recurrent networks OpenVINO and PyTorch: the same model.onnx, one thread, one CPU, turn by turn.

A row's ratio is Martlet's median time by that of the best rival: below 1 Martlet is faster.
"""
import json
import os
import statistics
import sys
import tempfile
import time

import support

# (model, batch, bar of the ratio)
ROWS = [
    ("mlp", 1, 1.0), ("mlp", 64, 1.0), ("lenet", 1, 0.7), ("lenet", 64, 0.7),
    ("cnn128", 1, 1.0), ("cnn128", 32, 1.0),
    ("lstm_step", 1, 1.0), ("lstm_step", 32, 1.0), ("lstm_seq50", 1, 1.0), ("lstm_seq50", 32, 1.0),
]
# Models that bench_infer.py of PEERS_TOOLS runs: (file, steps).
SEQUENCES = {"lstm_step": ("lstm", 1), "lstm_seq50": ("lstm", 50)}
SEQUENCE_ENGINES = {"ort": "onnxruntime", "ov": "OpenVINO", "torch": "PyTorch", "torch_ts": "TorchScript"}
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


def sequence_microseconds(engine, model, batch, cpu):
    """A rival's time of a recurrent network; None where it failed."""
    environment = {"PEERS": support.PEERS, "BATCH": str(batch)}
    # PyTorch's AVX-512 kernels on CPUs of other makers, where the library that unlocks them was built.
    unlock = f"{support.PEERS}/libfakeintel.so"
    if engine.startswith("torch") and os.path.exists(unlock):
        environment |= {"LD_PRELOAD": unlock}
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl") as file:
        environment["OUT"] = file.name
        command = [support.PYTHON, f"{support.PEERS_TOOLS}/bench_infer.py", engine, "1", model]
        _, share = support.run(command, cpu, environment)
        lines = [json.loads(line) for line in file.read().splitlines()]
    times = [line["us"] for line in lines if "us" in line]
    return (times[0] if times else None), share


def measure_rivals(record, name, model, batch, cpu):
    """Adds one measurement of each rival of a row."""
    if model not in SEQUENCES:
        value, share = onnxruntime_microseconds(model, batch, cpu)
        record.add(name, "onnxruntime", value, cpu_share=round(share, 3))
        return
    for engine, side in SEQUENCE_ENGINES.items():
        value, share = sequence_microseconds(engine, model, batch, cpu)
        if value is not None:
            record.add(name, side, value, cpu_share=round(share, 3))


def best_rival(record, name, model):
    """The rival with the smallest median of a row."""
    sides = SEQUENCE_ENGINES.values() if model in SEQUENCES else ["onnxruntime"]
    medians = {side: record.median(name, side) for side in sides}
    measured = {side: value for side, value in medians.items() if value is not None}
    if not measured:
        raise RuntimeError(f"{name}: no rival ran")
    return min(measured, key=measured.get)


def main():
    options = support.arguments(__doc__, rounds=5).parse_args()
    rows = [row for row in ROWS if options.only in f"{row[0]} {row[1]}"]
    paths = {row[0]: f"{support.PEERS}/models/{SEQUENCES.get(row[0], row)[0]}.onnx" for row in rows}
    support.require(support.MARTLET, support.PYTHON, *paths.values())
    record = support.Record("infer", options.out)
    for number in range(options.rounds):
        for model, batch, _ in rows:
            name = f"{model} {batch}"
            support.progress(f"round {number + 1} {name}")
            steps = SEQUENCES[model][1] if model in SEQUENCES else 1
            value, share = support.martlet_microseconds(
                ["infer", "--model", paths[model], "--batch", str(batch), "--steps", str(steps)],
                options.cpu)
            record.add(name, "martlet", value, cpu_share=round(share, 3))
            measure_rivals(record, name, model, batch, options.cpu)
    overhead, _ = onnxruntime_microseconds("identity", 1, options.cpu)

    failures, lines = 0, []
    for model, batch, bar in rows:
        name = f"{model} {batch}"
        rival = best_rival(record, name, model)
        ours, theirs = record.median(name, "martlet"), record.median(name, rival)
        ratio = ours / theirs
        failures += ratio > bar
        each = record.ratios(name, "martlet", rival)
        lines.append([
            name, f"{ours:.1f}", f"{theirs:.1f} {rival}", f"{ratio:.2f}",
            f"{min(each):.2f}..{max(each):.2f}", f"<= {bar}", "PASS" if ratio <= bar else "FAIL"])
    support.table(
        ["model, batch", "martlet us", "best rival us", "ratio", "rounds", "bar", ""], lines)
    print(f"\nAn empty call of onnxruntime from Python (Identity, 784 numbers) takes {overhead:.1f} us of its rows.")
    support.finish(record, failures)


if len(sys.argv) == 4 and sys.argv[1] == "--worker":
    onnxruntime_worker(sys.argv[2], [int(size) for size in sys.argv[3].split(",")])
elif __name__ == "__main__":
    main()
