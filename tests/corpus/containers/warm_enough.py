import subprocess

import modal

app = modal.App("warm-enough")
vol = modal.Volume.from_name("hf")
CACHE = {"/root/.cache/huggingface": vol}


@app.cls(memory=2048, volumes=CACHE, enable_memory_snapshot=True)
class Restored:
    @modal.enter(snap=True)
    def load(self):
        from transformers import pipeline

        self.pipe = pipeline("ner", model="dslim/bert-base-NER")

    @modal.fastapi_endpoint(method="POST")
    def tag(self, body: dict):
        return self.pipe(body["texts"])


@app.function(image=modal.Image.debian_slim().uv_pip_install("vllm==0.6.6"), gpu="L40S", volumes=CACHE, scaledown_window=300, timeout=3600)
@modal.concurrent(max_inputs=64)
@modal.web_server(port=8000, startup_timeout=600)
def serve():
    subprocess.Popen("vllm serve Qwen/Qwen2.5-7B-Instruct --port 8000", shell=True)


@app.function(memory=512)
@modal.asgi_app()
def web():
    from fastapi import FastAPI

    api = FastAPI()

    @api.get("/health")
    def health():
        return {"ok": True}

    return api


@app.cls(gpu="T4", volumes=CACHE)
class Endpoint:
    @modal.enter()
    def load(self):
        from transformers import AutoModel, AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")
        self.model = AutoModel.from_pretrained("bert-base-uncased").to("cuda")

    @modal.asgi_app()
    def api(self):
        from fastapi import FastAPI

        api = FastAPI()

        @api.post("/embed")
        def embed(texts: list[str]):
            import torch

            with torch.inference_mode():
                return self.model(**self.tokenizer(texts, return_tensors="pt").to("cuda")).pooler_output.tolist()

        return api
