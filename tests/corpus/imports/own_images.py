import modal

app = modal.App("own-images")
cpu_image = modal.Image.debian_slim().uv_pip_install("polars==1.17.1")
gpu_image = modal.Image.debian_slim().uv_pip_install("torch==2.6.0")

with gpu_image.imports():
    import torch

with cpu_image.imports():
    import polars as pl


@app.function(image=gpu_image, gpu="T4")
def norm(xs: list):
    with torch.inference_mode():
        return torch.tensor(xs).cuda().norm().item()


@app.function(image=cpu_image)
def mean(xs: list):
    return pl.Series(xs).mean()
