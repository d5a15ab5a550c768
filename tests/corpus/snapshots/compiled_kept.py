import modal

app = modal.App("compiled-kept")
vol = modal.Volume.from_name("m")
cached = modal.Image.debian_slim().uv_pip_install("torch==2.6.0").env({"TORCHINDUCTOR_CACHE_DIR": "/m/inductor"})


@app.cls(gpu="L4", image=cached, volumes={"/m": vol})
class Fast:
    @modal.enter()
    def load(self):
        import torch

        self.net = torch.compile(torch.jit.load("/m/net.pt").cuda())

    @modal.method()
    def run(self, xs: list):
        import torch

        with torch.inference_mode():
            return self.net(torch.tensor(xs).cuda()).tolist()


@app.function(gpu="L4", image=cached, volumes={"/m": vol}, timeout=6 * 3600)
def train(xs: list):
    import torch

    net = torch.compile(torch.nn.Linear(1, 1).cuda())
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(100):
        loss = net(torch.tensor(xs).cuda()).sum()
        loss.backward()
        optimizer.step()
    return loss.item()
