"""What a reinforcement job makes of a half-trained policy from what the policy's own clients send.

    MARTLET=.build/release/martlet python3 Benchmarks/offline_rl.py

For each seed: trains cartpole-dqn for a few thousand steps only; serves it; plays CartPole through `:qvalues` with epsilon-greedy
actions and posts 20,000 transitions to `:transitions`; runs one fine-tuning job with the method "reinforcement"; and plays fresh
episodes with both versions. Nothing is learnt from an environment. Needs nothing but Python's standard library.
"""
import argparse
import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

import cartpole
import serving
import support

MODEL = "cartpole-dqn"
ROWS_PER_POST = 1000


class Client:
    """Acts by a served policy, over one connection."""

    def __init__(self, server):
        self.server = server
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port)

    def act(self, target, observation, parameters=None):
        body = {"instances": [[float(number) for number in observation]]}
        if parameters:
            body["parameters"] = parameters
        self.connection.request("POST", f"/v1/models/{target}:qvalues", body=json.dumps(body))
        response = self.connection.getresponse()
        answer = json.loads(response.read())
        if response.status != 200:
            raise RuntimeError(f"{response.status}: {answer}")
        return answer["predictions"][0]["action"]

    def collect(self, count, epsilon, seed):
        """Explores and posts what happens; answers the mean return of the episodes that ended."""
        environment = cartpole.make()
        observation, _ = environment.reset(seed=seed)
        rows, total, returns = [], 0.0, []
        for step in range(count):
            parameters = {"epsilon": epsilon, "seed": seed * 1_000_000 + step}
            action = self.act(MODEL, observation, parameters)
            after, reward, terminated, truncated, _ = environment.step(action)
            rows.append({
                "observation": [float(number) for number in observation],
                "action": action,
                "reward": float(reward),
                "next_observation": [float(number) for number in after],
                "terminated": bool(terminated),
                "truncated": bool(truncated),
            })
            total += reward
            observation = after
            if terminated or truncated:
                returns.append(total)
                total = 0.0
                observation, _ = environment.reset()
            if len(rows) == ROWS_PER_POST or step == count - 1:
                self.server.must("POST", f"/v1/models/{MODEL}:transitions", {"transitions": rows})
                rows = []
        return statistics.mean(returns)

    def evaluate(self, version, episodes, seed):
        """The mean return of greedy episodes."""
        environment = cartpole.make()
        returns = []
        for episode in range(episodes):
            observation, _ = environment.reset(seed=seed + episode)
            total, ended = 0.0, False
            while not ended:
                action = self.act(f"{MODEL}/versions/{version}", observation)
                observation, reward, terminated, truncated, _ = environment.step(action)
                total += reward
                ended = terminated or truncated
            returns.append(total)
        return statistics.mean(returns)


def train(folder, epochs, seed):
    """A policy that was stopped early."""
    path = os.path.join(folder, "models", MODEL, "1")
    command = [support.MARTLET, "train", MODEL, "--epochs", str(epochs), "--seed", str(seed), "--out", path]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def run(arguments, seed):
    folder = tempfile.mkdtemp(prefix="martlet-offline-")
    train(folder, arguments.epochs, seed)
    server = serving.Server(models=(), folder=folder).start()
    try:
        client = Client(server)
        behaviour = client.collect(arguments.transitions, arguments.epsilon, seed)
        hyperparameters = json.loads(arguments.hyperparameters)
        method = {"type": "reinforcement", "reinforcement": {"hyperparameters": hyperparameters}}
        job = server.wait(server.job(model=MODEL, seed=seed, method=method)["id"])
        if job["status"] != "succeeded":
            raise RuntimeError(job["error"])
        before = client.evaluate(1, arguments.episodes, 10_000 + seed)
        after = client.evaluate(2, arguments.episodes, 10_000 + seed)
        promoted = job["promotion"]["promoted"]
        print(
            f"seed {seed}: clients {behaviour:.1f}; version 1 {before:.1f}, version 2 {after:.1f} over "
            f"{arguments.episodes} fresh episodes; {job['steps']} updates in "
            f"{job['finished_at'] - job['started_at']} s; promoted {promoted} ({job['promotion']['reason']})",
            flush=True)
        return before, after, promoted
    finally:
        server.stop()
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--epochs", type=int, default=6, help="thousands of steps of the half training")
    parser.add_argument("--transitions", type=int, default=20_000)
    parser.add_argument("--epsilon", type=float, default=0.2)
    parser.add_argument("--episodes", type=int, default=100)
    parser.add_argument("--hyperparameters", default="{}", help="of the job, as JSON")
    arguments = parser.parse_args()
    print(f"environment: {cartpole.source()}", flush=True)
    results = [run(arguments, int(seed)) for seed in arguments.seeds.split(",")]
    better = sum(after > before and promoted for before, after, promoted in results)
    print(f"better and promoted: {better} of {len(results)}")
    sys.exit(0 if better == len(results) else 1)


if __name__ == "__main__":
    main()
