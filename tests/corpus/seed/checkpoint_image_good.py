import modal

NAME = "facebook/bart-large-cnn"


def fetch():
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    AutoTokenizer.from_pretrained(NAME, cache_dir="/model")
    AutoModelForSeq2SeqLM.from_pretrained(NAME, cache_dir="/model")


app = modal.App("summaries-baked")
image = modal.Image.debian_slim().uv_pip_install("torch==2.6.0", "transformers==4.49.0").run_function(fetch)


@app.cls(gpu="A10", image=image)
class Summaries:
    @modal.enter()
    def load(self):
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained(NAME, cache_dir="/model")
        self.model = AutoModelForSeq2SeqLM.from_pretrained(NAME, cache_dir="/model").to("cuda")

    @modal.method()
    def summarize(self, texts: list):
        tokens = self.tokenizer(texts, padding=True, truncation=True, return_tensors="pt").to("cuda")
        return self.tokenizer.batch_decode(self.model.generate(**tokens), skip_special_tokens=True)
