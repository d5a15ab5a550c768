from pathlib import Path

import modal

HF = Path("/hf")
app = modal.App("summaries")
vol = modal.Volume.from_name("hf")
image = (
    modal.Image.debian_slim(python_version="3.12")
    .uv_pip_install("transformers==4.50.3", "torch==2.6.0", "accelerate==1.5.2")
    .env({"HF_HOME": HF.as_posix()})
)


@app.cls(image=image, gpu="H200", volumes={HF.as_posix(): vol}, scaledown_window=1200, enable_memory_snapshot=True)
class Summariser:
    model_name: str = "google/flan-t5-small"

    @modal.enter(snap=True)
    def load(self):
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

        self.tok = AutoTokenizer.from_pretrained("google/flan-t5-small")
        self.lm = AutoModelForSeq2SeqLM.from_pretrained("google/flan-t5-small").cuda()

    @modal.enter(snap=False)
    def compile(self):
        import torch

        self.lm.forward = torch.compile(self.lm.forward, mode="reduce-overhead")

    @modal.method()
    def run(self, text: str) -> str:
        ids = self.tok(text, return_tensors="pt").input_ids.cuda()
        return self.tok.decode(self.lm.generate(ids, max_new_tokens=80)[0])


@app.function(image=image, timeout=600)
def everything(texts: list[str]) -> list[str]:
    s = Summariser()
    return [s.run.remote(t) for t in texts]


@app.function(image=image, timeout=600)
def everything_at_once(texts: list[str]) -> list[str]:
    return list(Summariser().run.map(texts))
