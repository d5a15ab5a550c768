import modal

app = modal.App("scores-lazy")
weights = modal.Volume.from_name("weights")
CACHE = {"/root/.cache/huggingface": weights}


@app.cls(gpu="T4", volumes=CACHE)
class Scorer:
    @modal.enter()
    def load(self):
        import torch
        import transformers

        self.off = torch.inference_mode
        self.tokenizer = transformers.AutoTokenizer.from_pretrained("distilbert-base-uncased")
        self.model = transformers.AutoModel.from_pretrained("distilbert-base-uncased").cuda()

    @modal.method()
    def score(self, texts: list):
        import torch

        with torch.inference_mode():
            inputs = self.tokenizer(texts, padding=True, return_tensors="pt").to("cuda")
            return self.model(**inputs).last_hidden_state.mean(dim=1).tolist()


@app.function()
def words(text: str):
    return len(text.split())
