import time

import modal

app = modal.App("batch-sizes")


@app.function(gpu="A100-80GB")
def big(items: list):
    import torch

    began = time.perf_counter()
    batch_size = 32
    out = []
    for i in range(0, len(items), batch_size):
        out.append(torch.tensor(items[i : i + batch_size]).cuda().sum().item())
    return out, time.perf_counter() - began


@app.function(gpu="L4")
def middle(items: list):
    import torch

    batch_size = 16
    return [torch.tensor(items[i : i + batch_size]).cuda().sum().item() for i in range(0, len(items), batch_size)]


@app.function(gpu="T4")
def small(items: list):
    import torch

    batch_size = 32
    return [torch.tensor(items[i : i + batch_size]).cuda().sum().item() for i in range(0, len(items), batch_size)]


@app.function(gpu="A100-80GB")
def chosen(items: list):
    import torch

    began = time.perf_counter()
    batch_size = 128 if torch.cuda.get_device_properties(0).total_memory > 40e9 else 32
    return [torch.tensor(items[i : i + batch_size]).cuda().sum().item() for i in range(0, len(items), batch_size)], began


@app.function(gpu="L4")
def given(items: list, batch_size: int = 8):
    import torch

    return [torch.tensor(items[i : i + batch_size]).cuda().sum().item() for i in range(0, len(items), batch_size)]
