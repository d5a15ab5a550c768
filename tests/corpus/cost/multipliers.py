import modal

app = modal.App("multipliers")


@app.function(nonpreemptible=True)
def a(x: str):
    return x.upper()


@app.function(region="eu")
def b(x: str):
    return x.upper()


@app.function(region=["us-east-1", "us-west-2"], nonpreemptible=True)
def c(x: str):
    return x.upper()


@app.function(gpu="T4", cpu=(16.0, 24.0))
def d(xs: list):
    import torch

    return torch.tensor(xs).cuda().sum().item()


@app.function(gpu="T4", cpu=12)
def e(xs: list):
    import torch

    return torch.tensor(xs).cuda().sum().item()


@app.function(ephemeral_disk=2 * 1024 * 1024)
def g(x: str):
    return x.upper()


@app.function(ephemeral_disk=1000 * 1024, memory=1024)
def h(x: str):
    return x.upper()


@app.function(min_containers=2, cpu=1.0)
@modal.fastapi_endpoint()
def hello(name: str):
    return {"hello": name}


@app.function(min_containers=1, memory=512)
@modal.asgi_app()
def web():
    from fastapi import FastAPI

    return FastAPI()


@app.function(nonpreemptible=False, region=None, gpu="T4", cpu=2.0)
def plain(xs: list):
    import torch

    return torch.tensor(xs).cuda().sum().item()
