"""Environment steps beside Gymnasium: CartPole with random actions, one process and one CPU each, turn by turn.

A row's ratio is Martlet's steps per second by Gymnasium's as `gymnasium.make` gives it, observation and resets included. The
other columns are for information: Gymnasium without its wrappers, and its environment of 64 carts in one array.
"""
import json
import sys
import time

import support

BAR = 20
STEPS = 60_000
TOGETHER = 64
SIDES = ["make", "unwrapped", "vector"]


def worker(side):
    """Prints Gymnasium's steps per second: the best of three runs after a warm-up."""
    import gymnasium
    import numpy
    actions = numpy.random.default_rng(1).integers(2, size=STEPS)

    def single(environment):
        environment.reset(seed=0)
        values = actions.tolist()
        start = time.perf_counter()
        for action in values:
            _, _, terminated, truncated, _ = environment.step(action)
            if terminated or truncated:
                environment.reset()
        return STEPS / (time.perf_counter() - start)

    def vector(environments):
        environments.reset(seed=0)
        rows = actions[:STEPS // TOGETHER * TOGETHER].reshape(-1, TOGETHER)
        start = time.perf_counter()
        for row in rows:
            environments.step(row)
        return rows.size / (time.perf_counter() - start)

    if side == "vector":
        environments = gymnasium.make_vec(
            "CartPole-v1", num_envs=TOGETHER, vectorization_mode="vector_entry_point")
        rates = [vector(environments) for _ in range(4)]
    else:
        environment = gymnasium.make("CartPole-v1")
        rates = [single(environment if side == "make" else environment.unwrapped) for _ in range(4)]
    print(json.dumps(max(rates[1:])))


def main():
    options = support.arguments(__doc__, rounds=5).parse_args()
    support.require(support.MARTLET, support.PYTHON)
    record = support.Record("environments", options.out)
    rows = {"cartpole alone": "make", f"cartpole {TOGETHER} together": "vector"}
    for number in range(options.rounds):
        support.progress(f"round {number + 1}")
        for row in rows:
            microseconds, share = support.martlet_microseconds(["environments", "--only", row], options.cpu)
            record.add(row, "martlet", 1e6 / microseconds, cpu_share=round(share, 3))
        for side in SIDES:
            output, share = support.run([support.PYTHON, __file__, "worker", side], options.cpu)
            record.add("cartpole alone" if side != "vector" else f"cartpole {TOGETHER} together", side, json.loads(output))

    failures, lines = 0, []
    for row, side in rows.items():
        ratio = record.median(row, "martlet") / record.median(row, side)
        bar = BAR if side == "make" else None
        failures += bar is not None and ratio < bar
        lines.append([
            row, f"{record.median(row, 'martlet'):.0f}",
            *(f"{record.median(row, s):.0f}" if record.median(row, s) else "-" for s in SIDES),
            f"{ratio:.1f} ({side})", f">= {bar}" if bar else "-",
            "" if bar is None else "PASS" if ratio >= bar else "FAIL"])
    print("steps/s, medians")
    support.table(["environment", "martlet", *SIDES, "ratio", "bar", ""], lines)
    support.finish(record, failures)


if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        worker(sys.argv[2])
    else:
        main()
