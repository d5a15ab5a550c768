import modal

app = modal.App("unmeasured")


@app.function(gpu="H100:2", timeout=900)
def big(xs: list):
    import torch

    return torch.tensor(xs).cuda().sum().item()


@app.function(gpu="L4", min_containers=1)
def warm(xs: list):
    import torch

    return torch.tensor(xs).cuda().sum().item()


@app.function(gpu="L4")
def small(xs: list):
    import torch

    return torch.tensor(xs).cuda().sum().item()
