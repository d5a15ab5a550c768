"""Settings that cost, folded from constants, dicts and f-strings."""
import modal as m
from modal import App

GIB = 1024
CORES = 4
SIDE = "east"
BATCH_JOB = dict(nonpreemptible=True, timeout=1800)

app = App("nightly")


@app.function(**BATCH_JOB)
def reconcile(day: str) -> str:
    return day[::-1]


@app.function(region=f"us-{SIDE}", memory=2 * GIB)
def near(day: str) -> str:
    return day.upper()


@app.function(gpu="L4", cpu=2 * CORES)
def embed(numbers: list):
    import torch

    return torch.tensor(numbers).cuda().sum().item()


@app.function(ephemeral_disk=600 * GIB)
def unpack(name: str) -> str:
    return name.lower()


@m.fastapi_endpoint(docs=True)
def not_registered(name: str):
    return name


@app.function(min_containers=CORES // 2)
@m.wsgi_app()
def dashboard():
    from flask import Flask

    return Flask("dashboard")


@app.function(gpu=f"A100-{80}GB:{CORES}")
def project(numbers: list):
    import torch

    return torch.tensor(numbers).cuda().sum().item()
