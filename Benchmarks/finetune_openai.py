"""The stock `openai` client drives the admin API: upload, create, events, checkpoints, list, cancel, pause, resume, retrieve.

    VENV/bin/pip install openai; VENV/bin/python Benchmarks/finetune_openai.py
"""
import json
import os
import sys
import time

import openai

import serving
import support


def check(condition, text):
    print(("ok    " if condition else "FAIL  ") + text)
    check.failures += not condition


check.failures = 0


def main():
    with serving.Server(models=("lenet5",)) as server:
        client = openai.OpenAI(base_url=server.url("/admin/v1"), api_key=serving.TOKEN, max_retries=0)
        path = serving.examples(server.folder, count=1000)
        with open(path, "rb") as file:
            uploaded = client.files.create(file=file, purpose="fine-tune")
        check(uploaded.object == "file" and uploaded.bytes == os.path.getsize(path), f"upload {uploaded.id}")
        check(client.files.retrieve(uploaded.id).filename == os.path.basename(path), "files.retrieve")
        check([f.id for f in client.files.list()] == [uploaded.id], "files.list")
        with open(path, "rb") as file:
            check(client.files.content(uploaded.id).read() == file.read(), "files.content")

        extra = {"head": "replace", "promote": "always"}
        job = client.fine_tuning.jobs.create(
            model="lenet5", training_file=uploaded.id, seed=1, suffix="fashion", metadata={"who": "benchmark"},
            method={"type": "supervised", "supervised": {"hyperparameters": {
                "n_epochs": 3, "batch_size": 32, "learning_rate_multiplier": 1.0}}},
            extra_body=extra)
        check(job.object == "fine_tuning.job" and job.status in ("validating_files", "queued", "running"),
              f"create {job.id}: {job.status}")
        while client.fine_tuning.jobs.retrieve(job.id).status not in ("succeeded", "failed", "cancelled"):
            time.sleep(0.1)
        job = client.fine_tuning.jobs.retrieve(job.id)
        check(job.status == "succeeded", f"retrieve: {job.status} {job.error}")
        check(job.fine_tuned_model == "lenet5/2", f"fine_tuned_model {job.fine_tuned_model}")
        check(job.seed == 1 and job.metadata == {"who": "benchmark"}, "seed and metadata")

        events = list(client.fine_tuning.jobs.list_events(job.id, limit=5))
        check(len(events) > 5 and all(e.object == "fine_tuning.job.event" for e in events),
              f"list_events: {len(events)} over pages of 5")
        check(len({e.id for e in events}) == len(events), "no event twice")
        check(any(e.type == "metrics" for e in events), "metrics among the events")
        checkpoints = list(client.fine_tuning.jobs.checkpoints.list(job.id))
        check(len(checkpoints) >= 1 and checkpoints[0].metrics.train_loss is not None,
              f"checkpoints: {len(checkpoints)}, last {checkpoints[0].metrics}")

        long = dict(model="lenet5", training_file=uploaded.id, hyperparameters={"n_epochs": 2000}, extra_body=extra)
        job = client.fine_tuning.jobs.create(**long)
        while client.fine_tuning.jobs.retrieve(job.id).status != "running":
            time.sleep(0.05)
        client.fine_tuning.jobs.pause(job.id)
        check(wait(client, job.id, "paused"), "pause")
        client.fine_tuning.jobs.resume(job.id)
        check(wait(client, job.id, "running"), "resume")
        client.fine_tuning.jobs.cancel(job.id)
        check(wait(client, job.id, "cancelled"), "cancel")
        check([j.id for j in client.fine_tuning.jobs.list(limit=1)][0] == job.id, "jobs.list, the newest first")
        check(len(list(client.fine_tuning.jobs.list(limit=1))) == 2, "jobs.list pages")

        for call, error, text in [
            (lambda: client.fine_tuning.jobs.retrieve("ftjob-none"), openai.NotFoundError, "unknown job"),
            (lambda: client.files.retrieve("file-none"), openai.NotFoundError, "unknown file"),
            (lambda: client.fine_tuning.jobs.create(model="nobody", training_file=uploaded.id),
             openai.NotFoundError, "unknown model"),
            (lambda: client.fine_tuning.jobs.create(model="lenet5", training_file=uploaded.id,
                                                    extra_body={"epochs": 3}), openai.BadRequestError, "unknown member"),
            (lambda: client.with_options(api_key="wrong-token-wrong-token").files.list(),
             openai.AuthenticationError, "wrong token"),
        ]:
            try:
                call()
                check(False, f"{text}: no error")
            except error as problem:
                body = problem.body if isinstance(problem.body, dict) else {}
                check(bool(body.get("message")), f"{text}: {problem.status_code} {json.dumps(body)[:150]}")
        check(client.files.delete(uploaded.id).deleted, "files.delete")
    return 1 if check.failures else 0


def wait(client, job, status):
    for _ in range(600):
        if client.fine_tuning.jobs.retrieve(job).status == status:
            return True
        time.sleep(0.05)
    return False


if __name__ == "__main__":
    sys.exit(main())
