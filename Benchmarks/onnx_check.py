"""Every model.onnx under models/: accepted by onnx.checker, and onnxruntime reproduces golden.npz.

With --server URL also: a running server that has mnist-8.onnx in its models folder reproduces its reference logits.
Run it with an environment that has numpy, onnx and onnxruntime: PEERS/venv/bin/python.
"""
import argparse
import glob
import gzip
import json
import os
import sys
import urllib.request

import numpy
import onnx
import onnxruntime

import support

GOLDEN_TOLERANCE = 1e-5
LOGITS_TOLERANCE = 1e-4


def difference(got, wanted):
    """Largest |got - wanted| / max(1, |wanted|)."""
    if got.shape != wanted.shape:
        return float("inf")
    return float(numpy.max(numpy.abs(got - wanted) / numpy.maximum(1, numpy.abs(wanted)), initial=0))


def check(path):
    """Checks one model; answers what there is to say and whether all is well."""
    onnx.checker.check_model(onnx.load(path), full_check=True)
    golden = os.path.join(os.path.dirname(path), "golden.npz")
    if not os.path.exists(golden):
        return "checker ok, no golden.npz", True
    arrays = numpy.load(golden)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    answers = session.run(
        names, {each.name: arrays[f"input.{each.name}"] for each in session.get_inputs()})
    worst = max(difference(got, arrays[f"output.{name}"]) for name, got in zip(names, answers))
    return f"checker ok, onnxruntime differs by {worst:.1e}", worst <= GOLDEN_TOLERANCE


def check_logits(url, data):
    """Compares a served mnist-8 with the logits that the data folder holds for 100 test pictures."""
    wanted = numpy.load(f"{data}/models-onnx/mnist-8.ref_logits_t10k_first100.npy")
    with gzip.open(f"{data}/mnist/t10k-images-idx3-ubyte.gz") as file:
        pixels = numpy.frombuffer(file.read()[16:], numpy.uint8)[: 784 * len(wanted)]
    got = []
    for picture in pixels.reshape(len(wanted), 1, 28, 28).astype(numpy.float32):
        body = json.dumps({"instances": [picture.tolist()]}).encode()
        with urllib.request.urlopen(f"{url}/v1/models/mnist-8:predict", body) as answer:
            got.append(json.load(answer)["predictions"][0])
    worst = difference(numpy.array(got, numpy.float32), wanted.reshape(len(wanted), 10))
    return f"{len(wanted)} pictures, logits differ by {worst:.1e}", worst <= LOGITS_TOLERANCE


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=f"{support.ROOT}/models")
    parser.add_argument("--server", help="address of a running server, as http://127.0.0.1:8080")
    parser.add_argument("--data", default=os.path.normpath(f"{support.ROOT}/../shared/data"))
    options = parser.parse_args()
    paths = sorted(glob.glob(f"{options.models}/*/*/model.onnx"))
    if not paths:
        sys.exit(f"no model.onnx under {options.models}/*/*/")
    checks = [(os.path.relpath(path, options.models), lambda path=path: check(path)) for path in paths]
    if options.server:
        checks.append(("mnist-8 served", lambda: check_logits(options.server, options.data)))
    failures = 0
    for name, perform in checks:
        try:
            text, is_well = perform()
        except Exception as error:
            text, is_well = f"{type(error).__name__}: {error}", False
        failures += not is_well
        print(f"{'PASS' if is_well else 'FAIL'}  {name}: {text}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
