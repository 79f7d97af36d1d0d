"""Plays CartPole-v1 through `:qvalues` of a running server, with urllib and nothing else, and prints mean return and round trips.

    martlet serve models &
    python3 Benchmarks/play_cartpole.py --url http://127.0.0.1:8080 --model cartpole-dqn --episodes 100

A round trip is everything from the observation to the action: writing JSON, a new connection (urllib keeps none), the answer, reading
JSON. The opener has the one handler that http needs and none for proxies, redirects or cookies.
"""

import argparse
import json
import statistics
import time
import urllib.request

import cartpole


def opener():
    director = urllib.request.OpenerDirector()
    director.add_handler(urllib.request.HTTPHandler())
    return director


class Policy:
    def __init__(self, url, model):
        self.url = f"{url}/v1/models/{model}:qvalues"
        self.opener = opener()
        self.round_trips = []

    def action(self, observation):
        start = time.perf_counter()
        body = json.dumps({"instances": [[float(number) for number in observation]]}).encode()
        request = urllib.request.Request(
            self.url, data=body, headers={"Content-Type": "application/json"}
        )
        with self.opener.open(request) as response:
            answer = response.read()
        if response.status != 200:
            raise SystemExit(f"{response.status}: {answer.decode()}")
        action = json.loads(answer)["predictions"][0]["action"]
        self.round_trips.append(time.perf_counter() - start)
        return action


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--model", default="cartpole-dqn")
    parser.add_argument("--episodes", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1000)
    arguments = parser.parse_args()
    policy = Policy(arguments.url, arguments.model)
    environment = cartpole.make()
    returns = []
    for episode in range(arguments.episodes):
        observation, _ = environment.reset(seed=arguments.seed + episode)
        total, ended = 0.0, False
        while not ended:
            observation, reward, terminated, truncated, _ = environment.step(
                policy.action(observation)
            )
            total += reward
            ended = terminated or truncated
        returns.append(total)
    times = sorted(policy.round_trips)
    print(
        f"{arguments.model}: mean return {statistics.mean(returns):.2f} over {len(returns)} episodes"
        f" ({cartpole.source()}), worst {min(returns):.0f}"
    )
    print(
        f"round trip of urllib: median {1000 * statistics.median(times):.3f} ms,"
        f" 99th percentile {1000 * times[int(0.99 * len(times))]:.3f} ms, {len(times)} requests"
    )


if __name__ == "__main__":
    main()
