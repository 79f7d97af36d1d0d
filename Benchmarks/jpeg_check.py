"""The JPEG decoder against libjpeg-turbo (in Pillow), on pictures of your own and on damaged files.

    PEERS/venv/bin/python Benchmarks/jpeg_check.py pictures.zip     # or a folder; every sample within 2
    PEERS/venv/bin/python Benchmarks/jpeg_check.py --mutations 100000

Both run tests of DatasetsTests (Images/JPEG) in a debug build, where every arithmetic overflow and every index out of bounds traps.
"""
import argparse
import os
import resource
import subprocess
import sys
import tempfile
import zipfile

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(root, "Tests", "Fixtures"))
import make_jpeg_fixtures as fixtures


def files(path):
    """(name, bytes) of every JPEG file in a zip archive or a folder."""
    isPicture = lambda name: name.lower().endswith((".jpg", ".jpeg"))
    if zipfile.is_zipfile(path):
        archive = zipfile.ZipFile(path)
        yield from ((n, archive.read(n)) for n in archive.namelist() if isPicture(n))
        return
    for folder, _, names in os.walk(path):
        for name in filter(isPicture, sorted(names)):
            with open(os.path.join(folder, name), "rb") as f:
                yield os.path.relpath(f.name, path), f.read()


def run(test, **environment):
    status = subprocess.call(["swift", "test", "--filter", test], cwd=root, env=dict(os.environ, **environment))
    print("exit", status, "largest memory of a process: %.0f MiB" % (
        resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024))
    return status


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="?", help="a zip archive or a folder of JPEG files")
    parser.add_argument("--mutations", type=int, help="decode so many damaged files")
    arguments = parser.parse_args()
    if arguments.mutations:
        sys.exit(run("JPEGMutationTests", MARTLET_MUTATIONS=str(arguments.mutations)))
    if not arguments.pictures:
        parser.error("give pictures or --mutations")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "pictures.npz")
        items = [(name, data, fixtures.pixels(data)) for name, data in files(arguments.pictures)]
        fixtures.pack(path, items)
        print(len(items), "pictures")
        sys.exit(run("decodesTheGivenPicturesAsLibjpegDoes", MARTLET_JPEG_PICTURES=path))
