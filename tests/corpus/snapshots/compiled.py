import modal

app = modal.App("compiled")
vol = modal.Volume.from_name("m")
plain = modal.Image.debian_slim().uv_pip_install("torch==2.6.0", "numpy==2.1.0")


@app.cls(gpu="L4", image=plain, volumes={"/m": vol})
class Slow:
    @modal.enter()
    def load(self):
        import numpy  # noqa: F401
        import torch

        self.net = torch.jit.load("/m/net.pt").cuda()
        self.net = torch.compile(self.net, mode="max-autotune")
        self.graphed = torch.cuda.make_graphed_callables(self.net, (torch.zeros(1),))

    @modal.method()
    def run(self, xs: list):
        import torch

        with torch.inference_mode():
            return self.graphed(torch.tensor(xs).cuda()).tolist()
