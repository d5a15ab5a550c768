import modal

app = modal.App("sharing-gpu")
train_image = modal.Image.debian_slim().uv_pip_install("torch==2.6.0", "torchmetrics==1.6.0")
serve_image = modal.Image.debian_slim().uv_pip_install("safetensors==0.5.0", "torch==2.6.0")


@app.function(image=train_image, gpu="T4", timeout=3600)
def evaluate(xs: list):
    import torch
    import torchmetrics

    return torchmetrics.functional.accuracy(torch.tensor(xs), torch.tensor(xs), task="binary").item()


@app.function(image=serve_image, gpu="T4")
def serve(xs: list):
    import safetensors  # noqa: F401
    import torch

    return torch.tensor(xs).cuda().sum().item()
