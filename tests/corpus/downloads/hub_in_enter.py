import modal

image = modal.Image.debian_slim().uv_pip_install("torch==2.6.0", "transformers==4.48.0", "huggingface-hub==0.27.0")
app = modal.App("captions", image=image)
MODEL = "microsoft/git-base"


@app.cls(gpu="L4", scaledown_window=120)
class Captioner:
    @modal.enter()
    def load(self):
        from huggingface_hub import snapshot_download
        from transformers import AutoModelForCausalLM, AutoProcessor

        snapshot_download(MODEL)
        self.processor = AutoProcessor.from_pretrained(MODEL)
        self.model = AutoModelForCausalLM.from_pretrained(MODEL).to("cuda")

    @modal.method()
    def caption(self, images: list):
        inputs = self.processor(images=images, return_tensors="pt").to("cuda")
        return self.processor.batch_decode(self.model.generate(**inputs))
