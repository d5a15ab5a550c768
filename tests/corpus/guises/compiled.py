import os

import modal
from modal import App as Application

kernels = modal.Volume.from_name("kernels", create_if_missing=True)
hub = modal.Volume.from_name("hub")
base = modal.Image.debian_slim().uv_pip_install("torch==2.5.1", "transformers==4.47.1")
app = Application("guises-compiled")
HUB = {"/root/.cache/huggingface": hub}


def faster(model):
    import torch

    return torch.compile(model, mode="reduce-overhead")


@app.cls(image=base, gpu="L4", volumes=HUB)
class Classifier:
    @modal.enter()
    def load(self):
        from transformers import AutoModel

        self.model = faster(AutoModel.from_pretrained("bert-base-uncased").cuda())

    @modal.method()
    def run(self, ids: list):
        import torch

        with torch.inference_mode():
            return self.model(torch.tensor(ids).cuda())
