import modal
import torch
import requests

app = modal.App("top")
NAMES = requests.get("https://example.com/imagenet_classes.txt").text.splitlines()


def load():
    return torch.load("net.pt")


net = load()


@app.function(gpu="T4")
def classify(batch: list):
    with torch.inference_mode():
        scores = net(torch.tensor(batch).cuda())
    return [NAMES[i] for i in scores.argmax(1).tolist()]
