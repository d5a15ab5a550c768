import modal

app = modal.App("captions-slim")
base = modal.Image.debian_slim().uv_pip_install("torch==2.6.0", "transformers==4.49.0")
with_pieces = base.uv_pip_install("sentencepiece==0.2.0")
weights = modal.Volume.from_name("weights", create_if_missing=True)
CACHE = {"/root/.cache/huggingface": weights}


@app.cls(image=base, gpu="T4", volumes=CACHE)
class Captions:
    @modal.enter()
    def load(self):
        from transformers import pipeline

        self.write = pipeline("image-to-text", "Salesforce/blip-image-captioning-base", device=0)

    @modal.method()
    def caption(self, pictures: list):
        return self.write(pictures, batch_size=16)


@app.cls(image=with_pieces, gpu="T4", volumes=CACHE)
class Translator:
    @modal.enter()
    def load(self):
        from transformers import pipeline

        self.say = pipeline("translation", "google-t5/t5-small", device=0)

    @modal.method()
    def translate(self, texts: list):
        return self.say(texts, batch_size=32)
