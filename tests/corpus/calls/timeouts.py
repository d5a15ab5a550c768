import subprocess
import time

import modal

app = modal.App("timeouts")
HOURS = 3600


@app.function(gpu="T4", volumes={"/data": modal.Volume.from_name("d")})
def train(epochs: int):
    import torch

    net = torch.nn.Linear(8, 8).cuda()
    optimizer = torch.optim.Adam(net.parameters())
    for _ in range(epochs):
        loss = net(torch.rand(8, 8).cuda()).sum()
        loss.backward()
        optimizer.step()
    return loss.item()


@app.function(timeout=60)
def convert(path: str):
    subprocess.run(["ffmpeg", "-i", path, "/tmp/out.mp4"], timeout=900, check=True)
    return "/tmp/out.mp4"


@app.function(gpu="T4", timeout=6 * HOURS)
def train_long(epochs: int):
    import torch

    net = torch.nn.Linear(8, 8).cuda()
    for _ in range(epochs):
        net(torch.rand(8, 8).cuda()).sum().backward()
    return 0


@app.function()
def wait(seconds: float):
    time.sleep(seconds)
    return seconds


@app.function(timeout=30)
def short_wait():
    time.sleep(5)
    return 5
