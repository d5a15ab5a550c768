import modal

app = modal.App("summaries-volume")
image = modal.Image.debian_slim().uv_pip_install("torch==2.6.0", "transformers==4.49.0")
cache = modal.Volume.from_name("summaries-cache", create_if_missing=True)


@app.cls(gpu="A10", image=image, volumes={"/cache": cache})
class Summaries:
    @modal.enter()
    def load(self):
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained("facebook/bart-large-cnn", cache_dir="/cache/models")
        self.model = AutoModelForSeq2SeqLM.from_pretrained("facebook/bart-large-cnn", cache_dir="/cache/models").to("cuda")

    @modal.method()
    def summarize(self, texts: list):
        tokens = self.tokenizer(texts, padding=True, truncation=True, return_tensors="pt").to("cuda")
        return self.tokenizer.batch_decode(self.model.generate(**tokens), skip_special_tokens=True)
