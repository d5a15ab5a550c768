"""A GPU from the environment, a tail of a log, a container that is only kept alive, and an import that most need."""
import os
import time
from pathlib import Path

import modal
import pandas as pd

GPU = os.environ.get("GPU", None)
LOG = Path("/var/log/service.log")
image = modal.Image.debian_slim().uv_pip_install("torch==2.8.0", "fastapi==0.115.0", "pandas==2.2.3")
app = modal.App("maybe", image=image)


@app.function(gpu=GPU, timeout=900)
def score(rows: list):
    import torch

    return float(torch.tensor(pd.DataFrame(rows).to_numpy()).sum())


@app.function(memory=512)
def tail(lines: int = 100):
    return "\n".join(LOG.read_text().splitlines()[-lines:])


@app.function(memory=512)
def columns(rows: list):
    return list(pd.DataFrame(rows).columns)


@app.function(memory=512)
def shape(rows: list):
    return pd.DataFrame(rows).shape


@app.function(memory=512)
def total(rows: list):
    return float(pd.DataFrame(rows).sum().sum())


@app.function(timeout=24 * 3600, memory=512)
async def cluster():
    while True:
        time.sleep(10)


@app.function(memory=8192)
@modal.asgi_app()
def web():
    from .searcher.main import api

    return api
