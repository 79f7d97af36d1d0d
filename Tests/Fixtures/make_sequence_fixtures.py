"""Makes Tests/NNTests/Fixtures/SequenceFixtures.swift: recurrent stacks, attention and the token loss by PyTorch.

    ~/.cache/martlet-peers/venv/bin/python Tests/Fixtures/make_sequence_fixtures.py
"""
import base64
import pathlib

import numpy as np
import torch

HERE = pathlib.Path(__file__).parent
# ONNX's gate order from PyTorch's: GRU r, z, n; LSTM i, f, g, o.
ORDER = {"gru": [1, 0, 2], "lstm": [0, 3, 1, 2]}


def stack(cell, hidden, inputs, directions, lengths):
    """Two layers, batch first; parameters in ONNX's order under the names that our layers give them."""
    module = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[cell](
        inputs, hidden, num_layers=2, bidirectional=directions == 2, batch_first=True)
    x = torch.rand(3, 4, inputs) * 2 - 1
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
    states = [torch.rand(2 * directions, 3, hidden) * 2 - 1 for _ in range(2)]
    y, last = module(packed, tuple(states) if cell == "lstm" else states[0])
    y, _ = torch.nn.utils.rnn.pad_packed_sequence(y, batch_first=True, total_length=4)
    result = {"x": x, "y": y}
    # [layers D, N, H] to a [N, D H] for each layer.
    batch_first = lambda s, l: s[l * directions:(l + 1) * directions].permute(1, 0, 2).reshape(3, -1)
    last = last if cell == "lstm" else (last,)
    for l in range(2):
        for kind, before, after in zip(["hidden", "cell"], states, last):
            result[f"initial_{kind}_{l}"] = batch_first(before, l)
            result[f"final_{kind}_{l}"] = batch_first(after, l)
        rows = np.concatenate([np.arange(g * hidden, (g + 1) * hidden) for g in ORDER[cell]])
        suffixes = [f"_l{l}", f"_l{l}_reverse"][:directions]
        take = lambda name: torch.stack([getattr(module, name + s)[rows] for s in suffixes])
        prefix = f"stack/layer_{l}/"
        result[prefix + "input_weight"] = take("weight_ih")
        result[prefix + "recurrent_weight"] = take("weight_hh")
        result[prefix + "bias"] = torch.cat([take("bias_ih"), take("bias_hh")], 1)
    return result


def attention():
    q, k, v = torch.rand(2, 3, 4) * 2 - 1, torch.rand(2, 5, 4) * 2 - 1, torch.rand(2, 5, 2)
    mask = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 0]])
    scaled = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None] > 0)
    wq, wk, s = torch.rand(4, 3) - 0.5, torch.rand(4, 3) - 0.5, torch.rand(3, 1) - 0.5
    scores = (torch.tanh((q @ wq)[:, :, None] + (k @ wk)[:, None]) @ s)[..., 0]
    weights = torch.softmax(scores.masked_fill(mask[:, None] == 0, -torch.inf), -1)
    w = torch.rand(4, 4) - 0.5
    general = torch.softmax((q @ w @ k.transpose(1, 2)).masked_fill(mask[:, None] == 0, -torch.inf), -1)
    return {
        "queries": q, "keys": k, "values": v, "mask": mask.float(), "scaled_dot": scaled,
        "attention/query/weight": wq, "attention/key/weight": wk, "attention/score/weight": s,
        "additive": weights @ v, "additive_weights": weights,
        "attention/general/weight": w, "general": general @ v,
    }


def loss():
    logits = (torch.rand(3, 4, 5) * 4 - 2).requires_grad_()
    labels = torch.randint(0, 5, (3, 4))
    mask = torch.tensor([[1, 1, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0]])
    result = {"logits": logits, "labels": labels, "mask": mask.float()}
    for name, smoothing in [("plain", 0.0), ("smoothed", 0.1)]:
        value = torch.nn.functional.cross_entropy(
            logits.reshape(-1, 5), labels.masked_fill(mask == 0, -100).reshape(-1),
            label_smoothing=smoothing)
        result[name] = value
        result[name + "_gradient"] = torch.autograd.grad(value, logits)[0]
    return result


def swift(values):
    lines = []
    for name, tensor in values.items():
        a = np.asarray(tensor.detach().numpy(), order="C")
        text = base64.b64encode(a.tobytes()).decode()
        lines.append(f'    "{name}": .init(.{a.dtype}, {list(a.shape)}, "{text}"),\n')
    return "[\n" + "".join(lines) + "  ]"


def main():
    torch.manual_seed(4)
    parts = {
        "lstm": ("Two bidirectional LSTM layers of 3 units over lengths 4, 1, 3.",
                 stack("lstm", 3, 2, 2, [4, 1, 3])),
        "gru": ("Two forward GRU layers of 4 units over lengths 2, 4, 3.",
                stack("gru", 4, 3, 1, [2, 4, 3])),
        "attention": ("Attention of three queries over five steps.", attention()),
        "loss": ("Token cross-entropy, and its gradients.", loss()),
    }
    text = (
        "// swift-format-ignore-file\n// Made by Tests/Fixtures/make_sequence_fixtures.py: do not edit.\n\n"
        "import TestSupport\nimport Tensors\n\n"
        f"/// Results of PyTorch {torch.__version__.split('+')[0]}.\nenum SequenceFixtures {{\n")
    for name, (summary, values) in parts.items():
        text += f"  /// {summary}\n  static let {name}: [String: FixtureTensor] = {swift(values)}\n\n"
    path = HERE.parent / "NNTests/Fixtures/SequenceFixtures.swift"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text.rstrip() + "\n}\n")
    print(path, path.stat().st_size, "bytes")


main()
