import re

import modal
from re import compile

kernels = modal.Volume.from_name("kernels", create_if_missing=True)
hub = modal.Volume.from_name("hub")
PLACE = "/kernels"
cached = (
    modal.Image.debian_slim()
    .uv_pip_install("torch==2.5.1", "transformers==4.47.1")
    .env({"TORCHINDUCTOR_CACHE_DIR": f"{PLACE}/inductor", "TRITON_CACHE_DIR": f"{PLACE}/triton"})
)
app = modal.App("guises-compiled-cached", image=cached)
WORD = compile(r"\w+")


@app.cls(gpu="L4", volumes={"/root/.cache/huggingface": hub, PLACE: kernels})
class Classifier:
    @modal.enter()
    def load(self):
        import torch
        from transformers import AutoModel

        self.model = torch.compile(AutoModel.from_pretrained("bert-base-uncased").cuda())
        self.pattern = re.compile(r"\d+")

    @modal.method()
    def run(self, ids: list):
        import torch

        with torch.inference_mode():
            return self.model(torch.tensor(ids).cuda())
