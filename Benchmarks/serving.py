"""A `martlet serve` of its own for a script: a copy of the models in a temporary folder, a fixed admin token, any free port."""
import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import support

TOKEN = "token-of-the-benchmarks"


class Server:
    """Starts, kills and asks a server; `folder` outlives restarts, so that jobs and files do too."""

    def __init__(self, models=("lenet5",), flags=(), cpus=None, folder=None):
        self.folder = folder or tempfile.mkdtemp(prefix="martlet-")
        self.models = os.path.join(self.folder, "models")
        for name in models:
            if not os.path.exists(os.path.join(self.models, name)):
                shutil.copytree(f"{support.ROOT}/models/{name}", os.path.join(self.models, name))
        self.flags, self.cpus, self.process = list(flags), cpus, None
        self.port = None

    def start(self, seconds=30):
        command = [support.MARTLET, "serve", self.models, "--port", str(self.port or 0), "--admin-token", TOKEN]
        if self.cpus:
            command = ["taskset", "-c", self.cpus] + command
        self.log = open(os.path.join(self.folder, "log"), "ab")
        self.process = subprocess.Popen(command + self.flags, stdout=subprocess.PIPE, stderr=self.log)
        line = self.process.stdout.readline().decode()
        self.port = int(line.split("http://")[1].split(",")[0].split(":")[1])
        end = time.time() + seconds
        while time.time() < end:
            with contextlib.suppress(OSError):
                if urllib.request.urlopen(self.url("/readyz"), timeout=5).status == 200:
                    return self
            time.sleep(0.005)
        raise RuntimeError(f"not ready after {seconds} s: see {self.log.name}")

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=60)

    def memory_kb(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    def ask(self, method, path, body=None, headers=None):
        """Status and body, as JSON where it is."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {TOKEN}", **(headers or {})}
        request = urllib.request.Request(self.url(path), data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text.decode(errors="replace")

    def must(self, method, path, body=None, headers=None):
        status, answer = self.ask(method, path, body, headers)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {answer}")
        return answer

    def upload(self, path):
        """Uploads a training file; its id."""
        name = os.path.basename(path)
        with open(path, "rb") as file:
            content = file.read()
        boundary = "----martlet"
        body = (f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n--{boundary}\r\n'
                f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
                'Content-Type: application/octet-stream\r\n\r\n').encode() + content + f"\r\n--{boundary}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self.must("POST", "/admin/v1/files", body, headers)["id"]

    def job(self, **members):
        """Creates a job; its document."""
        return self.must("POST", "/admin/v1/fine_tuning/jobs", members)

    def wait(self, job, seconds=600, until=("succeeded", "failed", "cancelled")):
        """Waits for the end of a job; its document."""
        end = time.time() + seconds
        while time.time() < end:
            document = self.must("GET", f"/admin/v1/fine_tuning/jobs/{job}")
            if document["status"] in until:
                return document
            time.sleep(0.05)
        raise RuntimeError(f"job {job} is {document['status']} after {seconds} s")

    def events(self, job):
        """All events of a job, the oldest first."""
        events, after = [], None
        while True:
            query = f"?limit=100&after={after}" if after else "?limit=100"
            page = self.must("GET", f"/admin/v1/fine_tuning/jobs/{job}/events{query}")
            events += page["data"]
            if not page["has_more"]:
                return events[::-1]
            after = page["data"][-1]["id"]

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        with contextlib.suppress(Exception):
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def examples(folder, name="fashion-mnist", count=2000, skip=0, part="training", raw=False):
    """A file of JSON lines in `folder`, made by `martlet examples`."""
    path = os.path.join(folder, f"{name}-{part}-{skip}-{count}.jsonl")
    command = [support.MARTLET, "examples", name, "--data", support.DATA, "--part", part, "--skip", str(skip),
               "--count", str(count)] + (["--raw-pixels"] if raw else [])
    with open(path, "wb") as file:
        subprocess.run(command, stdout=file, check=True)
    return path
