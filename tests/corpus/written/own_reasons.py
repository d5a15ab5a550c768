"""What looks like a mistake and has its reason."""
from pathlib import Path

import modal

app = modal.App("own-reasons")
weights = modal.Volume.from_name("weights", create_if_missing=True)
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install("openai-whisper==20240930", "torch==2.6.0")
tool_image = (
    modal.Image.debian_slim(python_version="3.12")
    .add_local_dir("tool", "/opt/tool", copy=True)
    .run_commands("uv pip install '/opt/tool[all]' --system --compile-bytecode")
)


@app.function(image=image, volumes={"/weights": weights}, memory=8192)
def fill():
    import whisper

    model = whisper.load_model("large-v3", device="cpu", download_root="/weights")
    weights.commit()


@app.function(gpu="T4")
def debug():
    pass


@app.function(image=image, gpu="A10", cpu=8.0, timeout=3600)  # the data loader's workers
def train():
    import torch

    model = torch.nn.Linear(2, 2).cuda()
    model(torch.ones(1, 2).cuda()).sum().backward()


@app.function(image=tool_image, memory=16384)
def kernel_memory() -> dict[str, int]:
    found = {}
    for line in Path("/proc/meminfo").read_text().splitlines():
        name, _, value = line.partition(":")
        found[name] = int(value.split()[0])
    return found


@app.function(image=tool_image, memory=16384)
def last_lines(n: int = 20) -> list[str]:
    return Path("/data/full.log").read_text().splitlines()[-n:]
