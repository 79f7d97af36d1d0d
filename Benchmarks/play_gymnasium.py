"""Plays a shipped policy in Gymnasium itself, by onnxruntime: nothing of Martlet is used but the file.

    python play_gymnasium.py models/frozen-lake/1/model.onnx FrozenLake-v1 10000

The greedy action of the first output in each step; episode i is seeded with i. Needs gymnasium and onnxruntime.
"""

import sys

import gymnasium
import numpy as np
import onnxruntime

path, name, episodes = sys.argv[1], sys.argv[2], int(sys.argv[3])
session = onnxruntime.InferenceSession(path)
entry = session.get_inputs()[0]
number = np.int64 if entry.type == "tensor(int64)" else np.float32
environment = gymnasium.make(name)
returns = []
for episode in range(episodes):
    observation, _ = environment.reset(seed=episode)
    total, over = 0.0, False
    while not over:
        row = np.asarray([observation], dtype=number)
        action = int(session.run(None, {entry.name: row})[0][0].argmax())
        observation, reward, terminated, truncated, _ = environment.step(action)
        total += reward
        over = terminated or truncated
    returns.append(total)
error = np.std(returns, ddof=1) / np.sqrt(episodes)
print(f"{name}: mean return {np.mean(returns):.4f} of {episodes} episodes, standard error {error:.4f}")
