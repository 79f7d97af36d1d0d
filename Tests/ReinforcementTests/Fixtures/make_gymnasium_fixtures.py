"""Episodes of Gymnasium's environments, step by step, for the tests of ours.

Run with Gymnasium 1.4.0 and numpy: python make_gymnasium_fixtures.py
Writes gymnasium.npz beside this file. For each environment:
  actions  [T]     uint8    10,000 random ones, then one guided episode where random play never reaches an end
  states   [T, D]  float32  the environment's state after each step (for Acrobot angles and velocities, not their cosines)
  rewards  [T]     float32
  flags    [T]     uint8    1 terminated, 2 truncated, 3 both
  seeds    [E]     int64    of the reset before each episode, -1 for none
  starts   [E, D]  float32  the state after each reset
and for the tabular ones the whole table: next, reward, probability, terminated per outcome in order.
"""

from pathlib import Path

import gymnasium
import numpy as np

STEPS = 10_000

ENVIRONMENTS = {
    "CartPole-v1": ("CartPole-v1", {}, lambda s: int(s[2] + s[3] > 0)),
    "MountainCar-v0": ("MountainCar-v0", {}, lambda s: 2 if s[1] >= 0 else 0),
    "Acrobot-v1": ("Acrobot-v1", {}, lambda s: 2 if s[2] < 0 else 0),
    "FrozenLake-v1": ("FrozenLake-v1", {}, None),
    "FrozenLakeNotSlippery-v1": ("FrozenLake-v1", {"is_slippery": False}, None),
    "FrozenLake8x8-v1": ("FrozenLake8x8-v1", {}, None),
    "Taxi-v3": ("Taxi-v4", {}, None),
}


def state(environment):
    inner = environment.unwrapped
    return np.atleast_1d(inner.s if hasattr(inner, "s") else inner.state).astype(np.float64)


def episodes(environment, guide):
    random = np.random.default_rng(5)
    actions, states, rewards, flags, seeds, starts = [], [], [], [], [], []
    is_guided, is_over = False, True
    while True:
        if is_over or (not is_guided and len(actions) == STEPS):
            is_guided = guide is not None and len(actions) >= STEPS
            # Every third reset goes on with the generator, one takes a seed of more than 32 bits.
            episode = len(seeds)
            seed = [42 + episode, None, (episode << 33) + 7][episode % 3]
            environment.reset(seed=seed)
            seeds.append(-1 if seed is None else seed)
            starts.append(state(environment))
        if is_guided:
            action = guide(state(environment))
        else:
            action = int(random.integers(environment.action_space.n))
        _, reward, terminated, truncated, _ = environment.step(action)
        actions.append(action)
        states.append(state(environment))
        rewards.append(reward)
        flags.append(terminated + 2 * truncated)
        is_over = terminated or truncated
        if len(actions) >= STEPS and (guide is None or is_guided and is_over):
            return {
                "actions": np.array(actions, np.uint8),
                "states": np.array(states, np.float32),
                "rewards": np.array(rewards, np.float32),
                "flags": np.array(flags, np.uint8),
                "seeds": np.array(seeds, np.int64),
                "starts": np.array(starts, np.float32),
            }


def table(environment):
    rows = environment.unwrapped.P
    outcomes = [outcome for s in rows.values() for a in s.values() for outcome in a]
    return {
        "probability": np.array([o[0] for o in outcomes], np.float64),
        "next": np.array([o[1] for o in outcomes], np.int64),
        "reward": np.array([o[2] for o in outcomes], np.float32),
        "terminated": np.array([o[3] for o in outcomes], np.uint8),
    }


def main():
    arrays = {}
    for name, (identifier, options, guide) in ENVIRONMENTS.items():
        environment = gymnasium.make(identifier, **options)
        parts = episodes(environment, guide)
        if hasattr(environment.unwrapped, "P"):
            parts |= table(environment)
        arrays |= {f"{name}.{part}": array for part, array in parts.items()}
        print(name, len(parts["actions"]), "steps", len(parts["seeds"]), "episodes", np.bincount(parts["flags"]))
    np.savez_compressed(Path(__file__).with_name("gymnasium.npz"), **arrays)


if __name__ == "__main__":
    main()
