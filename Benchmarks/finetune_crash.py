"""Kills the server (SIGKILL) at random moments of a job and starts it again.

Bars: every job ends with the same weights, bit for bit, as the one that nobody interrupted; the repository never shows a version that is
not whole; every upload and event that a client has seen is still there.
"""
import glob
import hashlib
import json
import os
import random
import sys
import time

import serving
import support


def digest(server, version):
    with open(f"{server.models}/lenet5/{version}/model.onnx", "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def half_written(server):
    """Visible versions that lack a file or whose model.json is not whole."""
    bad = []
    for folder in glob.glob(f"{server.models}/lenet5/[0-9]*"):
        try:
            with open(f"{folder}/model.json") as file:
                manifest = json.load(file)
            with open(f"{folder}/model.onnx", "rb") as file:
                whole = hashlib.sha256(file.read()).hexdigest() == manifest["graphs"]["main"]["sha256"]
        except (OSError, ValueError):
            whole = False
        if not whole:
            bad.append(folder)
    return bad


def main():
    parser = support.arguments(__doc__, rounds=20)
    parser.add_argument("--seed", type=int, default=1, help="of the moments, default 1")
    options = parser.parse_args()
    moments = random.Random(options.seed)
    settings = dict(
        model="lenet5/1", head="replace", seed=5, promote="always",
        hyperparameters={"n_epochs": 60, "batch_size": 32, "dropout": 0.2})
    failures = 0
    with serving.Server() as server:
        file = server.upload(serving.examples(server.folder, count=2000))
        start = time.time()
        reference = server.wait(server.job(training_file=file, **settings)["id"])
        length = time.time() - start
        if reference["status"] != "succeeded":
            raise RuntimeError(reference["error"])
        expected = digest(server, 2)
        print(f"uninterrupted: {length:.2f} s, {reference['fine_tuned_model']} {expected[:16]}")
        seen_versions = 2
        for number in range(options.rounds):
            job = server.job(training_file=file, **settings)["id"]
            moment = moments.uniform(0, length * 1.1)
            # What a client has seen until the moment of the kill.
            end = time.time() + moment
            seen = []
            while time.time() < end:
                seen = server.events(job)
                time.sleep(0.01)
            server.kill()
            bad = half_written(server)
            server.start()
            document = server.wait(job)
            after = {event["id"]: event for event in server.events(job)}
            lost = [event for event in seen if after.get(event["id"]) != event]
            numbers = sorted(int(os.path.basename(f)) for f in glob.glob(f"{server.models}/lenet5/[0-9]*"))
            seen_versions += 1
            name = document.get("fine_tuned_model") or "lenet5/0"
            actual = digest(server, int(name.split("/")[1])) if name != "lenet5/0" else "none"
            upload_ok = server.ask("GET", f"/admin/v1/files/{file}")[0] == 200
            resumed = sum("resum" in event["message"] for event in after.values())
            ok = (document["status"] == "succeeded" and actual == expected and not bad and not lost and upload_ok
                  and numbers == list(range(1, seen_versions + 1)))
            failures += not ok
            print(f"{'ok   ' if ok else 'FAIL '} kill {number + 1} after {moment:.2f} s, {len(seen)} events seen, {len(lost)} lost; "
                  f"{document['status']} {name} {'same bits' if actual == expected else actual[:16]}, resumed {resumed}, "
                  f"{len(bad)} half-written, versions {numbers[-1]}", flush=True)
    print(f"{options.rounds - failures} of {options.rounds} held")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
