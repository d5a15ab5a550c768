import json
import os
import tarfile

import modal

app = modal.App("gcs-models")
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install("google-cloud-storage==3.1.0", "torch==2.6.0")


def materialise(uri: str, target: str) -> None:
    from google.cloud import storage

    bucket, _, key = uri.removeprefix("gs://").partition("/")
    client = storage.Client()
    client.bucket(bucket).blob(key).download_to_filename(target)
    with tarfile.open(target) as tar:
        tar.extractall("/tmp/model")


@app.cls(image=image, gpu="A10", secrets=[modal.Secret.from_name("gcp")])
class Ranker:
    @modal.enter()
    def init(self):
        import torch

        materialise("gs://acme-ml/ranker.tar.gz", "/tmp/ranker.tgz")
        self.state = torch.load("/tmp/model/ranker.pt")
        self.net = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.Linear(64, 1))
        self.net.load_state_dict(self.state)
        self.net.to("cuda").eval()
        with open("/tmp/model/names.json") as f:
            self.names = json.load(f)

    @modal.method()
    def rank(self, rows: list[list[float]]) -> list[str]:
        import torch

        with torch.inference_mode():
            order = self.net(torch.tensor(rows).cuda()).squeeze(1).argsort()
        return [self.names[i] for i in order.tolist()]
