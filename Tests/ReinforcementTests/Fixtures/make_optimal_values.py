"""Prints optimal values of Gymnasium's own transition tables, for Classical/Planning/GymnasiumWorldTests.swift.

Needs gymnasium and numpy. A thousand sweeps of value iteration find the best policy, whose values are then solved for exactly:
v = r + gamma P v. "within the limit" is what that policy returns, not discounted, until the episode is cut.
"""

import gymnasium
import numpy as np


def tables(environment):
    table = environment.unwrapped.P
    states, actions = len(table), len(table[0])
    chances = np.zeros((states, actions, states))
    rewards = np.zeros((states, actions))
    for s in range(states):
        for a in range(actions):
            for p, following, reward, terminated in table[s][a]:
                rewards[s, a] += p * reward
                if not terminated:
                    chances[s, a, following] += p
    return chances, rewards


# Taxi-v4 without rain is Taxi-v3 under its new name.
for name, discounts in [
    ("FrozenLake-v1", (0.9, 0.99, 0.999)),
    ("FrozenLake8x8-v1", (0.99,)),
    ("Taxi-v4", (0.9, 0.99)),
]:
    environment = gymnasium.make(name)
    chances, rewards = tables(environment)
    start = environment.unwrapped.initial_state_distrib
    for gamma in discounts:
        v = np.zeros(len(start))
        for _ in range(20_000):
            q = rewards + gamma * chances @ v
            v = q.max(axis=1)
        best = q.argmax(axis=1)
        rows = np.arange(len(start))
        v = np.linalg.solve(np.eye(len(start)) - gamma * chances[rows, best], rewards[rows, best])
        assert np.max(rewards + gamma * chances @ v - v[:, None]) < 1e-12
        within = np.zeros(len(start))
        for _ in range(environment.spec.max_episode_steps):
            within = rewards[rows, best] + chances[rows, best] @ within
        print(f"{name} discount {gamma}: {start @ v:.12f}, within the limit {start @ within:.12f}")
