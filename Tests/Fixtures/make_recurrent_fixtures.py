"""Makes Tests/AutodiffTests/Fixtures/RecurrentFixtures.swift: RNN, GRU and LSTM by onnxruntime and PyTorch.

    ~/.cache/martlet-peers/venv/bin/python Tests/Fixtures/make_recurrent_fixtures.py

Forward results are onnxruntime's. Gradients are PyTorch's: of nn.RNN, nn.GRU and nn.LSTM with packed sequences where these have the
case, elsewhere of ONNX's formulas written with torch operators and differentiated by autograd. The script stops where PyTorch's forward
result differs from onnxruntime's by more than 1e-6.
"""
import base64
import pathlib

import numpy as np
import onnxruntime
import torch
from onnx import TensorProto, helper

HERE = pathlib.Path(__file__).parent
T, N, I, H = 5, 3, 2, 3
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
# ONNX's gate order from PyTorch's: GRU r, z, n; LSTM i, f, g, o.
ORDER = {"RNN": [0], "GRU": [1, 0, 2], "LSTM": [0, 3, 1, 2]}

FUNCTIONS = {
    "Relu": lambda x, a, b: torch.relu(x),
    "Tanh": lambda x, a, b: torch.tanh(x),
    "Sigmoid": lambda x, a, b: torch.sigmoid(x),
    "Affine": lambda x, a, b: a * x + b,
    "LeakyRelu": lambda x, a, b: torch.where(x >= 0, x, a * x),
    "ThresholdedRelu": lambda x, a, b: torch.where(x >= a, x, 0 * x),
    "ScaledTanh": lambda x, a, b: a * torch.tanh(b * x),
    "HardSigmoid": lambda x, a, b: torch.clamp(a * x + b, 0, 1),
    "Elu": lambda x, a, b: torch.where(x >= 0, x, a * (torch.exp(x) - 1)),
    "Softsign": lambda x, a, b: x / (1 + torch.abs(x)),
    "Softplus": lambda x, a, b: torch.nn.functional.softplus(x),
}
HAS_ALPHA = {"Affine", "LeakyRelu", "ThresholdedRelu", "ScaledTanh", "HardSigmoid", "Elu"}
HAS_BETA = {"Affine", "ScaledTanh", "HardSigmoid"}
DEFAULTS = {"RNN": ["Tanh"], "GRU": ["Sigmoid", "Tanh"], "LSTM": ["Sigmoid", "Tanh", "Tanh"]}


def operands(op, random, directions, lengths, states, bias, peepholes):
    g = GATES[op]
    f = lambda *shape: random.uniform(-1, 1, shape).astype(np.float32)
    result = {"X": f(T, N, I), "W": f(directions, g * H, I), "R": f(directions, g * H, H)}
    if bias:
        result["B"] = f(directions, 2 * g * H)
    if lengths is not None:
        result["sequence_lens"] = np.array(lengths, np.int32)
    if states:
        result["initial_h"] = f(directions, N, H)
        if op == "LSTM":
            result["initial_c"] = f(directions, N, H)
    if peepholes:
        result["P"] = f(directions, 3 * H)
    return result


NAMES = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]


def by_onnxruntime(op, values, attributes):
    count = 8 if op == "LSTM" else 6
    inputs = [n if n in values else "" for n in NAMES[:count]]
    outputs = ["Y", "Y_h", "Y_c"][: 3 if op == "LSTM" else 2]
    node = helper.make_node(op, inputs, outputs, hidden_size=H, **attributes)
    info = [
        helper.make_tensor_value_info(
            n, TensorProto.INT32 if v.dtype == np.int32 else TensorProto.FLOAT, v.shape)
        for n, v in values.items()
    ]
    out = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in outputs]
    model = helper.make_model(
        helper.make_graph([node], "g", info, out), opset_imports=[helper.make_opsetid("", 14)])
    model.ir_version = 8
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, values)


def torch_module(op, t, directions, activation):
    """nn.RNN, nn.GRU or nn.LSTM with our tensors as parameters."""
    kind = {"RNN": torch.nn.RNN, "GRU": torch.nn.GRU, "LSTM": torch.nn.LSTM}[op]
    extra = {"nonlinearity": activation.lower()} if op == "RNN" else {}
    module = kind(I, H, bidirectional=directions == 2, **extra)
    parameters = {}
    back = np.argsort(ORDER[op])
    rows = np.concatenate([np.arange(g * H, (g + 1) * H) for g in back])
    g = GATES[op]
    for d in range(directions):
        suffix = "_l0" + ("_reverse" if d == 1 else "")
        parameters["weight_ih" + suffix] = t["W"][d][rows]
        parameters["weight_hh" + suffix] = t["R"][d][rows]
        b = t["B"][d] if "B" in t else torch.zeros(2 * g * H, dtype=torch.float64)
        parameters["bias_ih" + suffix] = b[: g * H][rows]
        parameters["bias_hh" + suffix] = b[g * H:][rows]
    states = None
    zeros = torch.zeros(directions, N, H, dtype=torch.float64)
    h0 = t.get("initial_h", zeros)
    states = (h0, t.get("initial_c", zeros)) if op == "LSTM" else h0
    x = t["X"]
    lengths = t.get("sequence_lens")
    if lengths is not None:
        x = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
    y, last = torch.func.functional_call(module, parameters, (x, states))
    if lengths is not None:
        y, _ = torch.nn.utils.rnn.pad_packed_sequence(y, total_length=T)
    y = y.reshape(T, N, directions, H).permute(0, 2, 1, 3)
    return [y, last[0], last[1]] if op == "LSTM" else [y, last]


def by_formula(op, t, direction, attributes):
    """ONNX's formulas, one sequence after the other."""
    directions = 2 if direction == "bidirectional" else 1
    names = attributes.get("activations", DEFAULTS[op] * directions)
    alphas = list(attributes.get("activation_alpha", []))
    betas = list(attributes.get("activation_beta", []))
    functions = []
    for name in names:
        a = alphas.pop(0) if name in HAS_ALPHA else 0
        b = betas.pop(0) if name in HAS_BETA else 0
        functions.append(lambda x, n=name, a=a, b=b: FUNCTIONS[n](x, a, b))
    clip = attributes.get("clip")
    bound = lambda x: x if clip is None else torch.clamp(x, -clip, clip)
    g = GATES[op]
    zeros = torch.zeros(directions, N, H, dtype=torch.float64)
    h0, c0 = t.get("initial_h", zeros), t.get("initial_c", zeros)
    lengths = t.get("sequence_lens", torch.full((N,), T))
    y = [[[torch.zeros(H, dtype=torch.float64)] * N for _ in range(directions)] for _ in range(T)]
    hs, cs = [[None] * N for _ in range(directions)], [[None] * N for _ in range(directions)]
    for d in range(directions):
        fs = functions[d * len(DEFAULTS[op]):]
        W = t["W"][d].reshape(g, H, I)
        R = t["R"][d].reshape(g, H, H)
        B = t["B"][d] if "B" in t else torch.zeros(2 * g * H, dtype=torch.float64)
        Wb, Rb = B[: g * H].reshape(g, H), B[g * H:].reshape(g, H)
        P = t["P"][d] if "P" in t else torch.zeros(3 * H, dtype=torch.float64)
        Pi, Po, Pf = P[:H], P[H: 2 * H], P[2 * H:]
        for n in range(N):
            h, c = h0[d, n], c0[d, n]
            steps = list(range(int(lengths[n])))
            if direction == "reverse" or d == 1:
                steps.reverse()
            for s in steps:
                x = t["X"][s, n]
                a = lambda k: W[k] @ x + Wb[k]
                r = lambda k, v: R[k] @ v + Rb[k]
                if op == "RNN":
                    h = fs[0](bound(a(0) + r(0, h)))
                elif op == "GRU":
                    z = fs[0](bound(a(0) + r(0, h)))
                    q = fs[0](bound(a(1) + r(1, h)))
                    if attributes.get("linear_before_reset", 0):
                        k = fs[1](bound(a(2) + q * r(2, h)))
                    else:
                        k = fs[1](bound(a(2) + r(2, q * h)))
                    h = (1 - z) * k + z * h
                else:
                    i = fs[0](bound(a(0) + r(0, h) + Pi * c))
                    f = fs[0](bound(a(2) + r(2, h) + Pf * c))
                    if attributes.get("input_forget", 0):
                        f = 1 - i
                    k = fs[1](bound(a(3) + r(3, h)))
                    c = f * c + i * k
                    o = fs[0](bound(a(1) + r(1, h) + Po * c))
                    h = o * fs[2](c)
                y[s][d][n] = h
            hs[d][n], cs[d][n] = h, c
    stack = lambda rows: torch.stack([torch.stack(r) for r in rows])
    result = [torch.stack([stack(step) for step in y]), stack(hs)]
    return result + ([stack(cs)] if op == "LSTM" else [])


def case(seed, name, op, direction="forward", lengths=None, states=True, bias=True, peepholes=False,
         **attributes):
    random = np.random.default_rng(seed)
    directions = 2 if direction == "bidirectional" else 1
    values = operands(op, random, directions, lengths, states, bias, peepholes)
    attributes["direction"] = direction
    expected = by_onnxruntime(op, values, attributes)
    t = {
        k: torch.tensor(v, dtype=torch.float64, requires_grad=True) if v.dtype == np.float32
        else torch.tensor(v) for k, v in values.items()
    }
    torch.set_default_dtype(torch.float64)
    plain = set(attributes) <= {"direction", "linear_before_reset", "activations"}
    activation = attributes.get("activations", DEFAULTS[op])[0]
    is_module = (
        plain and not peepholes and direction != "reverse"
        and (op != "GRU" or attributes.get("linear_before_reset", 0) == 1)
        and (op == "RNN" and activation in ("Tanh", "Relu") or "activations" not in attributes))
    if is_module:
        outputs = torch_module(op, t, directions, activation)
    else:
        outputs = by_formula(op, t, direction, attributes)
    for mine, other in zip(outputs, expected):
        error = float(np.abs(mine.detach().numpy() - other).max())
        assert error < 1e-6, (name, error)
    weights = [random.uniform(-1, 1, e.shape).astype(np.float32) for e in expected]
    loss = sum((o * torch.tensor(w, dtype=torch.float64)).sum() for o, w in zip(outputs, weights))
    wanted = [k for k in NAMES if k in t and k != "sequence_lens"]
    found = torch.autograd.grad(loss, [t[k] for k in wanted])
    gradients = {k: g.numpy().astype(np.float32) for k, g in zip(wanted, found)}
    return name, op, attributes, values, expected, weights, gradients, is_module


def b64(a):
    return base64.b64encode(np.ascontiguousarray(a).tobytes()).decode()


def swift_tensor(a):
    kind = "int32" if a.dtype == np.int32 else "float32"
    return f'.init(.{kind}, {list(a.shape)}, "{b64(a)}")'


def swift_attribute(value):
    if isinstance(value, str):
        return f'.string("{value}")'
    if isinstance(value, int):
        return f".int({value})"
    if isinstance(value, float):
        return f".float({value})"
    if isinstance(value[0], str):
        return ".strings([" + ", ".join(f'"{v}"' for v in value) + "])"
    return ".floats([" + ", ".join(str(v) for v in value) + "])"


CASES = [
    dict(name="RNN", op="RNN"),
    dict(name="RNN relu, both ways, lengths", op="RNN", direction="bidirectional", lengths=[5, 1, 3],
         activations=["Relu", "Relu"]),
    dict(name="RNN reverse, clip", op="RNN", direction="reverse", lengths=[2, 5, 4], clip=0.5),
    dict(name="GRU", op="GRU", linear_before_reset=1),
    dict(name="GRU both ways, lengths", op="GRU", direction="bidirectional", lengths=[3, 5, 2],
         linear_before_reset=1),
    dict(name="GRU reset before product", op="GRU"),
    dict(name="GRU reset before product, both ways, lengths, clip", op="GRU",
         direction="bidirectional", lengths=[5, 2, 4], clip=0.6),
    dict(name="GRU reverse, no bias or states", op="GRU", direction="reverse", states=False,
         bias=False, linear_before_reset=1),
    dict(name="LSTM", op="LSTM"),
    dict(name="LSTM both ways, lengths", op="LSTM", direction="bidirectional", lengths=[1, 5, 3]),
    dict(name="LSTM reverse, peepholes", op="LSTM", direction="reverse", peepholes=True),
    dict(name="LSTM both ways, peepholes, lengths, clip", op="LSTM", direction="bidirectional",
         lengths=[4, 2, 5], peepholes=True, clip=0.7),
    dict(name="LSTM coupled gates", op="LSTM", input_forget=1, peepholes=True),
    dict(name="LSTM no bias or states", op="LSTM", states=False, bias=False),
    dict(name="LSTM Affine, LeakyRelu, ThresholdedRelu", op="LSTM",
         activations=["Affine", "LeakyRelu", "ThresholdedRelu"], activation_alpha=[0.3, 0.2, 0.1],
         activation_beta=[0.4]),
    dict(name="LSTM HardSigmoid, ScaledTanh, Softsign", op="LSTM",
         activations=["HardSigmoid", "ScaledTanh", "Softsign"], activation_alpha=[0.25, 0.8],
         activation_beta=[0.45, 1.1]),
    dict(name="GRU both ways, Sigmoid Elu, HardSigmoid Softplus", op="GRU",
         direction="bidirectional", activations=["Sigmoid", "Elu", "HardSigmoid", "Softplus"],
         activation_alpha=[0.7, 0.3], activation_beta=[0.4]),
]


def main():
    lines = []
    for seed, spec in enumerate(CASES):
        name, op, attributes, values, expected, weights, gradients, is_module = case(seed, **spec)
        source = "nn." + op if is_module else "autograd through ONNX's formulas"
        print(f"{name}: gradients by {source}")
        attribute_text = ", ".join(
            f'"{k}": {swift_attribute(v)}' for k, v in sorted(attributes.items()))
        count = 8 if op == "LSTM" else 6
        inputs = [swift_tensor(values[n]) if n in values else "nil" for n in NAMES[:count]]
        grads = [swift_tensor(gradients[n]) if n in gradients else "nil" for n in NAMES[:count]]
        lines.append(
            f'    .init(\n      name: "{name}", op: "{op}",\n      attributes: [{attribute_text}],\n'
            f'      inputs: [{", ".join(inputs)}],\n'
            f'      outputs: [{", ".join(swift_tensor(e) for e in expected)}],\n'
            f'      weights: [{", ".join(swift_tensor(w) for w in weights)}],\n'
            f'      gradients: [{", ".join(grads)}]),\n')
    text = (
        "// swift-format-ignore-file\n"
        "// Made by Tests/Fixtures/make_recurrent_fixtures.py: do not edit.\n\n"
        "import GraphIR\nimport TestSupport\nimport Tensors\n\n"
        f"/// RNN, GRU and LSTM: results of onnxruntime {onnxruntime.__version__}, gradients of the sum of\n"
        f"/// weights times outputs by PyTorch {torch.__version__.split('+')[0]}.\n"
        "enum RecurrentFixtures {\n  static let all: [RecurrentFixture] = [\n"
        + "".join(lines) + "  ]\n}\n")
    path = HERE.parent / "AutodiffTests/Fixtures/RecurrentFixtures.swift"
    path.write_text(text)
    print(path, len(text), "bytes")


main()
