import modal
from modal import App, Image

CUDA = "12.4.1"
TORCH = "torch==2.5.1"
app = App("gpu-stacks")
devel = Image.from_registry(f"nvidia/cuda:{CUDA}-devel-ubuntu22.04", add_python="3.12").uv_pip_install("numpy==2.1.0")
plain = Image.debian_slim().uv_pip_install("torch==2.6.0")
cpu_torch = Image.debian_slim().uv_pip_install(TORCH, index_url="https://download.pytorch.org/whl/cpu")
shared = Image.debian_slim().uv_pip_install(TORCH)
KIND = {"gpu": "T4"}


@app.function(image=devel)
def mean(xs: list):
    import numpy

    return float(numpy.mean(xs))


@app.function(image=plain)
def dot(xs: list):
    import torch

    return torch.tensor(xs).sum().item()


@app.function(image=cpu_torch)
def dot_cpu(xs: list):
    import torch

    return torch.tensor(xs).sum().item()


@app.function(image=shared, **KIND)
def on_gpu(xs: list):
    import torch

    return torch.tensor(xs, device="cuda").sum().item()


@app.function(image=shared)
def beside(xs: list):
    import torch

    return torch.tensor(xs).sum().item()
