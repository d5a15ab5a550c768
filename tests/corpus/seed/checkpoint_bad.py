import modal

app = modal.App("summaries-fetching")
image = modal.Image.debian_slim().uv_pip_install("torch==2.6.0", "transformers==4.49.0")


@app.cls(gpu="A10", image=image)
class Summaries:
    @modal.enter()
    def load(self):
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained("facebook/bart-large-cnn")
        self.model = AutoModelForSeq2SeqLM.from_pretrained("facebook/bart-large-cnn").to("cuda")

    @modal.method()
    def summarize(self, texts: list):
        tokens = self.tokenizer(texts, padding=True, truncation=True, return_tensors="pt").to("cuda")
        return self.tokenizer.batch_decode(self.model.generate(**tokens), skip_special_tokens=True)


@app.function(gpu="A10", image=image)
def summarize_once(text: str):
    from transformers import pipeline

    summarizer = pipeline("summarization", model="facebook/bart-large-cnn")
    return summarizer(text)[0]["summary_text"]
