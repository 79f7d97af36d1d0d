"""CartPole-v1 for the scripts beside it: Gymnasium's own where it is installed, else the same dynamics in plain Python."""

import math
import random

try:
    import gymnasium
except ImportError:
    gymnasium = None

NAME = "CartPole-v1"


class PlainCartPole:
    """The dynamics, limits and rewards of Gymnasium's CartPole-v1 (Barto, Sutton, Anderson 1983), Euler's method."""

    gravity, cart_mass, pole_mass, half_length = 9.8, 1.0, 0.1, 0.5
    force, seconds = 10.0, 0.02
    angle_max, position_max, steps_max = 12 * 2 * math.pi / 360, 2.4, 500

    def reset(self, seed=None):
        if seed is not None:
            self.random = random.Random(seed)
        self.state = [self.random.uniform(-0.05, 0.05) for _ in range(4)]
        self.steps = 0
        return list(self.state), {}

    def step(self, action):
        x, dx, angle, dangle = self.state
        force = self.force if action == 1 else -self.force
        mass = self.cart_mass + self.pole_mass
        moment = self.pole_mass * self.half_length
        sine, cosine = math.sin(angle), math.cos(angle)
        temp = (force + moment * dangle * dangle * sine) / mass
        ddangle = (self.gravity * sine - cosine * temp) / (
            self.half_length * (4.0 / 3.0 - self.pole_mass * cosine * cosine / mass)
        )
        ddx = temp - moment * ddangle * cosine / mass
        self.state = [
            x + self.seconds * dx,
            dx + self.seconds * ddx,
            angle + self.seconds * dangle,
            dangle + self.seconds * ddangle,
        ]
        self.steps += 1
        terminated = abs(self.state[0]) > self.position_max or abs(self.state[2]) > self.angle_max
        return list(self.state), 1.0, terminated, self.steps >= self.steps_max, {}


def make():
    """An environment with Gymnasium's `reset(seed=)` and `step(action)`."""
    return gymnasium.make(NAME) if gymnasium else PlainCartPole()


def source():
    """Where the environment comes from."""
    return f"gymnasium {gymnasium.__version__}" if gymnasium else "plain Python"
