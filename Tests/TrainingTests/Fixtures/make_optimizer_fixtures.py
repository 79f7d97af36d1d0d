"""Writes OptimizerFixtures.swift: ten steps of PyTorch's optimisers on a small function.

Run from this folder with a Python that has torch; the numbers are float64, rounded to nine digits.
f(w) = sum(a w^2 / 2 + cos(w)), a = [1, 3, 0.5], w starts at [1, -2, 0.5]; gradient a w - sin(w).
"""

import torch

CASES = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "sgdDecay": lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.05),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.05),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.1),
    "adamDecay": lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.99), eps=1e-4, weight_decay=0.05),
    "adamW": lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.05),
}


def steps(make):
    w = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64, requires_grad=True)
    a = torch.tensor([1.0, 3.0, 0.5], dtype=torch.float64)
    optimizer = make([w])
    rows = []
    for _ in range(10):
        optimizer.zero_grad()
        (a * w * w / 2 + torch.cos(w)).sum().backward()
        optimizer.step()
        rows.append(w.detach().tolist())
    return rows


with open("OptimizerFixtures.swift", "w") as file:
    file.write(f"// Made by make_optimizer_fixtures.py with torch {torch.__version__}. Do not edit.\n\n")
    file.write("/// The variable after each of ten steps.\nenum OptimizerFixtures {\n")
    for name, make in CASES.items():
        file.write(f"  static let {name}: [[Double]] = [\n")
        for row in steps(make):
            file.write("    [" + ", ".join(f"{value:.9f}" for value in row) + "],\n")
        file.write("  ]\n")
    file.write("}\n")
