"""Training steps beside PyTorch, TensorFlow and JAX: the same networks, one thread, one CPU, turn by turn.

The rivals' side is bench_train.py of PEERS_TOOLS. A row's ratio is Martlet's samples/s by those of the best rival:
above 1 Martlet is faster.
"""
import json
import os
import tempfile

import support

# (name, --only of martlet, model of bench_train.py, batch, bar of the ratio)
ROWS = [
    ("mlp 100 sgd", "mlp sgd", "mlp", 100, 1.2),
    ("lenet 64 adam", "lenet adam", "lenet", 64, 2.0),
    ("cnn128 32 sgd", "cnn128 sgd", "cnn128", 32, 1.2),
    ("lstm 64 adam", "lstm adam", "lstm", 64, 1.2),
    # An update of deep Q-learning: both networks forward, the online one back, Huber loss.
    ("dqn 32 adam", "dqn adam", "dqn", 32, 1.0),
    ("nature 32 adam", "nature adam", "nature", 32, 1.0),
]
ENGINES = ["torch", "torch_tuned", "torch_compile", "keras_fit", "tf", "jax"]


def rival(engine, model, cpu):
    """Samples/s of a rival, as a dictionary by model; empty where it failed."""
    environment = {
        "TORCHINDUCTOR_CACHE_DIR": f"{support.PEERS}/inductor", "TF_ENABLE_ONEDNN_OPTS": "1",
        "PEERS": support.PEERS}
    name = engine
    # PyTorch's AVX-512 kernels on CPUs of other makers, where the library that unlocks them was built.
    if engine.endswith("_mkl512"):
        name = engine.removesuffix("_mkl512")
        environment |= {"LD_PRELOAD": f"{support.PEERS}/libfakeintel.so", "TAG": "mkl512"}
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl") as file:
        environment["OUT"] = file.name
        command = [support.PYTHON, f"{support.PEERS_TOOLS}/bench_train.py", name, "1", model]
        try:
            support.run(command, cpu, environment)
        except Exception as error:
            support.progress(f"{engine} {model}: {str(error)[-200:]}")
        lines = [json.loads(line) for line in file.read().splitlines()]
    return {line["model"]: line["sps"] for line in lines if "sps" in line}


def main():
    parser = support.arguments(__doc__, rounds=3)
    parser.add_argument("--engines", default=",".join(ENGINES), help=f"default {','.join(ENGINES)}")
    options = parser.parse_args()
    rows = [row for row in ROWS if options.only in row[0]]
    engines = options.engines.split(",")
    support.require(support.MARTLET, support.PYTHON, f"{support.PEERS_TOOLS}/bench_train.py")
    if os.path.exists(f"{support.PEERS}/libfakeintel.so"):
        engines += [f"{engine}_mkl512" for engine in engines if engine.startswith("torch")]
    record = support.Record("train", options.out)
    for number in range(options.rounds):
        for name, only, model, batch, _ in rows:
            for engine in engines:
                # Ours before every rival: all are compared with the same share of good and bad minutes.
                support.progress(f"round {number + 1} {name} {engine}")
                value, share = support.martlet_microseconds(["train", "--only", only], options.cpu)
                record.add(name, "martlet", batch / value * 1e6, cpu_share=round(share, 3))
                rate = rival(engine, model, options.cpu).get(model)
                if rate:
                    record.add(name, engine, rate)

    failures, lines = 0, []
    for name, _, _, _, bar in rows:
        ours = record.median(name, "martlet")
        rivals = {engine: record.median(name, engine) for engine in engines}
        measured = {engine: rate for engine, rate in rivals.items() if rate}
        if not measured:
            lines.append([name, f"{ours:.0f}"] + ["-"] * len(engines) + ["-", f">= {bar}", "FAIL"])
            failures += 1
            continue
        best = max(measured, key=measured.get)
        ratio = ours / measured[best]
        failures += ratio < bar
        lines.append(
            [name, f"{ours:.0f}"] + [f"{rivals[e]:.0f}" if rivals[e] else "-" for e in engines]
            + [f"{ratio:.2f} ({best})", f">= {bar}", "PASS" if ratio >= bar else "FAIL"])
    print("samples/s, medians")
    support.table(["network, batch", "martlet", *engines, "ratio to best", "bar", ""], lines)
    support.finish(record, failures)


if __name__ == "__main__":
    main()
