"""Makes the fixtures of the format tests with the programs that others use.

    python -m venv venv && venv/bin/pip install numpy pillow onnx onnxruntime
    venv/bin/python Tests/Fixtures/make_fixtures.py

Writes Swift files with base64 text: NumPy's arrays, Pillow's pictures, and models of old opsets with onnxruntime's outputs.
"""
import base64, io, os, struct, sys, zlib
import numpy as np

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def swift(path, header, entries):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write("// swift-format-ignore-file\n// Made by Tests/Fixtures/make_fixtures.py: do not edit.\n\n" + header)
        for line in entries:
            f.write(line)
        f.write("}\n")


def b64(data):
    return '"' + base64.b64encode(data).decode() + '"'


def arrays():
    def npy(a):
        f = io.BytesIO(); np.save(f, a); return f.getvalue()
    a = np.arange(6, dtype="<f4").reshape(2, 3)
    stored, packed = io.BytesIO(), io.BytesIO()
    np.savez(stored, a=a, b=np.array([True, False])); np.savez_compressed(packed, a=a, b=np.array([True, False]))
    items = dict(
        rowMajor=npy(a), columnMajor=npy(np.asfortranarray(a)), scalar=npy(np.int64(-7)),
        half=npy(np.array([1.5, -2], "<f2")), bool=npy(np.array([True, False])), bigEndian=npy(a.astype(">f4")),
        text=npy(np.array(["a"])), stored=stored.getvalue(), packed=packed.getvalue())
    swift("TensorsTests/Fixtures/NumPyFiles.swift", "/// Arrays saved by NumPy %s.\nenum NumPyFiles {\n" % np.__version__,
          [f"  static let {k} = {b64(v)}\n" for k, v in items.items()])


def interlaced(rgb):
    """Adam7 by hand (Pillow only reads it), checked with Pillow."""
    height, width, _ = rgb.shape
    rows = b""
    for left, top, dx, dy in [(0,0,8,8),(4,0,8,8),(0,4,4,8),(2,0,4,4),(0,2,2,4),(1,0,2,2),(0,1,1,2)]:
        part = rgb[top::dy, left::dx]
        if part.size:
            for row in part:
                rows += b"\0" + row.tobytes()
    chunk = lambda t, b: struct.pack(">I", len(b)) + t + b + struct.pack(">I", zlib.crc32(t + b))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def pictures():
    import PIL
    from PIL import Image
    r = np.random.default_rng(1)
    rgb = r.integers(0, 256, (9, 11, 3), dtype=np.uint8)
    rgb[:, 4:] = (np.arange(9)[:, None, None] * 20 + np.arange(7)[None, :, None] * 3).astype(np.uint8)
    def png(image, **o):
        f = io.BytesIO(); image.save(f, "PNG", **o); return f.getvalue()
    out = []
    def add(name, data, mode):
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            if name == "grey16":
                pixels = (np.array(image).astype(np.uint32) >> 8).astype(np.uint8).tobytes()
            else:
                pixels = image.convert(mode).tobytes()
        channels = dict(L=1, LA=2, RGB=3, RGBA=4)[mode]
        out.append(f'    .init(name: "{name}", file: {b64(data)}, width: {image.width}, height: {image.height}, channels: {channels}, pixels: {b64(pixels)}),\n')
    base = Image.fromarray(rgb)
    add("grey", png(base.convert("L")), "L")
    add("bilevel", png(base.convert("1")), "L")
    add("greyAlpha", png(Image.merge("LA", [base.convert("L"), base.getchannel(1)])), "LA")
    add("rgb", png(base), "RGB")
    add("rgba", png(Image.merge("RGBA", [*base.split(), base.getchannel(2)])), "RGBA")
    palette = base.quantize(7)
    add("palette4Bits", png(palette), "RGB")
    add("paletteTransparent", png(palette, transparency=bytes([0, 128, 255])), "RGBA")
    add("colourKey", png(base, transparency=tuple(int(v) for v in rgb[0, 0])), "RGBA")
    add("grey16", png(Image.fromarray((rgb[:, :, 0].astype(np.uint16) << 8) + 77)), "L")
    add("interlaced", interlaced(rgb), "RGB")
    add("interlacedNarrow", interlaced(rgb[:3, :1]), "RGB")
    header = ("/// Pictures saved by Pillow %s, with the samples that it reads back.\nenum PillowFiles {\n  struct Picture: Sendable {\n    let name: String\n    let file: String\n"
              "    let width: Int\n    let height: Int\n    let channels: Int\n    let pixels: String\n  }\n\n  static let all: [Picture] = [\n" % PIL.__version__)
    swift("DatasetsTests/Fixtures/PillowFiles.swift", header, out + ["  ]\n"])


def models():
    import onnx, onnxruntime
    from onnx import helper as h, TensorProto as T, numpy_helper as nh
    r = np.random.default_rng(2)
    out = []
    def case(name, opset, op, inputs, outputs=1, initializers={}, out_types=None, **attributes):
        given = list(inputs) + list(initializers)
        names = [f"y{i}" for i in range(outputs)]
        nodes = [h.make_node(op, given, names, name="node", **attributes)]
        graph = h.make_graph(nodes, "old", [h.make_tensor_value_info(k, h.np_dtype_to_tensor_dtype(v.dtype), v.shape) for k, v in inputs.items()],
                             [h.make_tensor_value_info(n, (out_types or [T.FLOAT] * outputs)[i], None) for i, n in enumerate(names)],
                             [nh.from_array(v, k) for k, v in initializers.items()])
        model = h.make_model(graph, opset_imports=[h.make_opsetid("", opset)], ir_version=4, producer_name="")
        options = onnxruntime.SessionOptions(); options.log_severity_level = 3
        found = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"]).run(None, dict(inputs))
        tensors = lambda values: "[" + ", ".join(b64(nh.from_array(np.asarray(v)).SerializeToString()) for v in values) + "]"
        out.append(f'    .init(name: "{name}", model: {b64(model.SerializeToString())}, inputs: {tensors(inputs.values())}, outputs: {tensors(found)}),\n')
    x = r.standard_normal((2, 3, 4)).astype(np.float32)
    image = r.standard_normal((1, 2, 3, 4)).astype(np.float32)
    i64 = lambda *v: np.array(v, np.int64)
    f32 = lambda *v: np.array(v, np.float32)
    case("Squeeze-1", 7, "Squeeze", dict(x=x[:, :1]), axes=[1])
    case("Unsqueeze-11", 11, "Unsqueeze", dict(x=x), axes=[0, -1])
    case("ReduceSum-11", 11, "ReduceSum", dict(x=x), axes=[1], keepdims=0)
    case("ReduceMean-13", 13, "ReduceMean", dict(x=x), axes=[0, 2])
    case("ReduceMax-8", 8, "ReduceMax", dict(x=x))
    case("ReduceL2-11", 11, "ReduceL2", dict(x=x), axes=[-1])
    case("Split-2", 7, "Split", dict(x=x), 2, axis=1, split=[1, 2])
    case("Split-2 equal", 7, "Split", dict(x=x), 2, axis=2)
    case("Split-13 equal", 13, "Split", dict(x=x), 2, axis=2)
    case("Slice-1", 7, "Slice", dict(x=x), starts=[0, 1], ends=[2, -1], axes=[1, 2])
    case("Slice-1 all axes", 7, "Slice", dict(x=x), starts=[0, 1, 1], ends=[1, 3, 1000])
    case("Pad-2", 7, "Pad", dict(x=x), pads=[0, 1, 0, 1, 0, 2], value=1.5)
    case("Pad-2 reflect", 7, "Pad", dict(x=x), pads=[0, 1, 2, 0, 1, 0], mode="reflect")
    case("Clip-6", 7, "Clip", dict(x=x), min=-0.5, max=0.25)
    case("Clip-6 min only", 7, "Clip", dict(x=x), min=0.1)
    case("Dropout-7", 7, "Dropout", dict(x=x), ratio=0.9)
    case("Dropout-10", 10, "Dropout", dict(x=x))
    for op in ["Softmax", "LogSoftmax", "Hardmax"]:
        case(f"{op}-1", 7, op, dict(x=x))
        case(f"{op}-11 axis 0", 11, op, dict(x=x), axis=0)
        case(f"{op}-11 last axis", 11, op, dict(x=x), axis=2)
    norm = dict(scale=f32(1, 2), bias=f32(0, 1), mean=f32(.1, .2), var=f32(1, 3))
    case("BatchNormalization-7", 7, "BatchNormalization", dict(x=image), initializers=norm)
    case("BatchNormalization-9", 9, "BatchNormalization", dict(x=image), initializers=norm, epsilon=0.5)
    case("Upsample-7 nearest", 7, "Upsample", dict(x=image), scales=[1., 1., 2., 3.])
    case("Upsample-9 linear", 9, "Upsample", dict(x=image), initializers=dict(s=f32(1, 1, 2, 2)), mode="linear")
    case("Resize-10 up", 10, "Resize", dict(x=image), initializers=dict(s=f32(1, 1, 2, 2)))
    case("Resize-10 down", 10, "Resize", dict(x=image), initializers=dict(s=f32(1, 1, .6, .6)))
    case("Resize-11 sizes", 11, "Resize", dict(x=image), initializers=dict(roi=f32(), s=f32(), sizes=i64(1, 2, 6, 8)))
    case("TopK-1", 7, "TopK", dict(x=x), 2, out_types=[T.FLOAT, T.INT64], k=2)
    case("Scatter-9", 9, "Scatter", dict(x=x[0]), initializers=dict(i=i64(1, 0, 2, 1).reshape(1, 4), u=f32(9, 8, 7, 6).reshape(1, 4)))
    case("Gemm-7", 7, "Gemm", dict(x=x[0]), initializers=dict(b=x[1], c=f32(1, 2, 3)), transB=1, alpha=0.5, beta=2.0)
    case("MaxPool-8", 8, "MaxPool", dict(x=image), kernel_shape=[2, 2])
    sequence = r.standard_normal((4, 2, 3)).astype(np.float32)
    weights = lambda gates: dict(w=r.standard_normal((1, gates * 2, 3)).astype(np.float32), r=r.standard_normal((1, gates * 2, 2)).astype(np.float32),
                                 b=r.standard_normal((1, gates * 4)).astype(np.float32))
    case("RNN-7", 7, "RNN", dict(x=sequence), 2, initializers=weights(1), hidden_size=2, activations=["Relu"], clip=0.9)
    case("GRU-7", 7, "GRU", dict(x=sequence), 2, initializers=weights(3), hidden_size=2, linear_before_reset=1)
    case("LSTM-7", 7, "LSTM", dict(x=sequence), 3, initializers=weights(4), hidden_size=2, direction="reverse")
    header = ("/// Models of old opsets with the outputs of onnxruntime %s. Inputs and outputs are `TensorProto`s.\nenum OldOpsets {\n  struct Case: Sendable {\n    let name: String\n    let model: String\n"
              "    let inputs: [String]\n    let outputs: [String]\n  }\n\n  static let all: [Case] = [\n" % onnxruntime.__version__)
    swift("ONNXFormatTests/Fixtures/OldOpsets.swift", header, out + ["  ]\n"])


for part in sys.argv[1:] or ["arrays", "pictures", "models"]:
    globals()[part]()
