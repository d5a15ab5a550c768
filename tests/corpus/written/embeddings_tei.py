from typing import Annotated

import modal
from modal import App, Image, Volume, asgi_app, concurrent, enter, method

app = App("text-embed")
hub = Volume.from_name("hub", create_if_missing=True)
image = Image.debian_slim(python_version="3.12").uv_pip_install("transformers==4.50.3", "torch==2.6.0", "fastapi==0.115.12")


@app.cls(image=image, gpu="A100", volumes={"/root/.cache/huggingface": hub})
class E5:
    @enter()
    def start(self):
        from transformers import AutoModel, AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained("intfloat/e5-small-v2")
        self.encoder = AutoModel.from_pretrained("intfloat/e5-small-v2").to("cuda").eval()

    def _pool(self, hidden, mask):
        mask = mask.unsqueeze(-1)
        return (hidden * mask).sum(1) / mask.sum(1)

    @method()
    def embed(self, sentences: list[str]) -> list[list[float]]:
        out = []
        for sentence in sentences:
            enc = self.tokenizer(sentence, return_tensors="pt", truncation=True).to("cuda")
            hidden = self.encoder(**enc).last_hidden_state
            out.append(self._pool(hidden, enc["attention_mask"])[0].tolist())
        return out

    @method()
    def embed_batch(self, sentences: list[str]) -> list[list[float]]:
        import torch

        enc = self.tokenizer(sentences, return_tensors="pt", padding=True, truncation=True).to("cuda")
        with torch.inference_mode():
            return self._pool(self.encoder(**enc).last_hidden_state, enc["attention_mask"]).tolist()


@app.function(image=image)
@concurrent(max_inputs=100)
@asgi_app()
def web():
    from fastapi import Body, FastAPI

    api = FastAPI()

    @api.post("/embed")
    async def embed(texts: Annotated[list[str], Body()]):
        return E5().embed.remote(texts)

    @api.post("/embed2")
    async def embed2(texts: Annotated[list[str], Body()]):
        return await E5().embed_batch.remote.aio(texts)

    return api
