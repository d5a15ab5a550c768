"""A mount named twice is one mount."""
from pathlib import Path

import modal

app = modal.App("twice")
mount = Path("/data")
vol = modal.Volume.from_name("twice")


@app.function(volumes={mount: vol, "/data": vol}, memory=512)
def count():
    return len(list(mount.iterdir()))


@app.function(gpu="L4", volumes={"/root/.cache/huggingface": vol})
def answer(text: str):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained("gpt2")
    model = AutoModelForCausalLM.from_pretrained("gpt2")
    return tokenizer.decode(model.generate(**tokenizer(text, return_tensors="pt"))[0])


@app.function(gpu="L4", volumes={"/root/.cache/huggingface": vol})
def kind(picture: list):
    import torch
    import torchvision

    net = torchvision.models.resnet18(weights=None)
    net.load_state_dict(torch.load("/root/.cache/huggingface/kinds.pt"))
    with torch.inference_mode():
        return int(net(torch.tensor(picture)).argmax())
