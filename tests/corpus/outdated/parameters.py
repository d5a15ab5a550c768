import modal
from modal import App, Image, gpu

app = App("old-parameters")
options = dict(keep_warm=1, container_idle_timeout=300)


@app.function(concurrency_limit=5, allow_concurrent_inputs=10)
def a(x: str):
    return x.upper()


@app.cls(allow_concurrent_inputs=4, cpu=0.5)
class B:
    def __init__(self, name: str):
        self.name = name

    @modal.method()
    def hi(self):
        return f"hi {self.name}"


@app.function(max_inputs=1, gpu=gpu.T4())
def c(xs: list):
    import torch

    return torch.tensor(xs).cuda().sum().item()


@app.function(gpu=modal.gpu.L4(count=2))
def d(xs: list):
    import torch

    return torch.tensor(xs).cuda().sum().item()


@app.function(**options)
def e(x: str):
    return x.upper()


@app.cls()
class F:
    def __init__(self) -> None:
        self.n = 0

    @modal.method()
    def hi(self):
        return self.n
