"""Prints the optimal action values of the textbook's three-state process, for Classical/ThreeStateProcess.swift.

Independent of how Martlet finds them: every policy is tried, each valued by solving v = r + gamma P v. Needs numpy.
Process: A. Geron, Hands-On Machine Learning, chapter "Reinforcement Learning", section "Markov Decision Processes".
"""

import itertools

import numpy as np

# state -> action -> [(probability, next state, reward)]
PROCESS = [
    {0: [(0.7, 0, 10), (0.3, 1, 0)], 1: [(1.0, 0, 0)], 2: [(0.8, 0, 0), (0.2, 1, 0)]},
    {0: [(1.0, 1, 0)], 2: [(1.0, 2, -50)]},
    {1: [(0.8, 0, 40), (0.1, 1, 0), (0.1, 2, 0)]},
]


def values(policy, gamma):
    matrix, rewards = np.eye(3), np.zeros(3)
    for state, action in enumerate(policy):
        for p, following, reward in PROCESS[state][action]:
            matrix[state, following] -= gamma * p
            rewards[state] += p * reward
    return np.linalg.solve(matrix, rewards)


for gamma in (0.90, 0.95):
    tried = [values(policy, gamma) for policy in itertools.product(*PROCESS)]
    best = np.max(tried, axis=0)
    assert any(np.allclose(best, one, rtol=0, atol=1e-12) for one in tried)
    print(f"discount {gamma}")
    for state, actions in enumerate(PROCESS):
        for action, outcomes in actions.items():
            q = sum(p * (reward + gamma * best[s]) for p, s, reward in outcomes)
            print(f"  q({state}, {action}) = {q:.12f}")
