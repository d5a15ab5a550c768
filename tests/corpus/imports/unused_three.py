"""Sentiment scores for a feed; three libraries at the top, one of them needed."""
import modal
import numpy as np
import torch
import transformers

app = modal.App("feed-sentiment")
vol = modal.Volume.from_name("hf-cache", create_if_missing=True)


@app.cls(gpu="T4", volumes={"/root/.cache/huggingface": vol})
class Sentiment:
    @modal.enter()
    def load(self):
        self.pipe = transformers.pipeline("text-classification", model="distilbert-base-uncased-finetuned-sst-2-english")

    @modal.method()
    def score(self, texts: list[str]):
        return self.pipe(texts, batch_size=32)
