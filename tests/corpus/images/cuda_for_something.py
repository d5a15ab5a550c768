import modal

app = modal.App("cuda-for-something")
shared = modal.Image.from_registry("nvidia/cuda:12.4.1-devel-ubuntu22.04", add_python="3.11").uv_pip_install("torch==2.6.0")
small = modal.Image.debian_slim().uv_pip_install("torch==2.6.0+cpu", extra_index_url="https://download.pytorch.org/whl/cpu")
built = modal.Image.debian_slim().uv_pip_install("torch==2.6.0", gpu="T4")


@app.function(image=shared, gpu="T4")
def on_gpu(xs: list):
    import torch

    return torch.tensor(xs).cuda().sum().item()


@app.function(image=shared)
def beside_it(xs: list):
    import torch

    return torch.tensor(xs).sum().item()


@app.function(image=small)
def cpu_build(xs: list):
    import torch

    return torch.tensor(xs).sum().item()


@app.function(image=built)
def needs_gpu_to_build(xs: list):
    import torch

    return torch.tensor(xs).sum().item()
