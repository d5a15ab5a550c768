"""A support desk: labels, embeddings and answers, each the slow way."""
import modal as m
from modal import App

app = App("ticket-labels")
CARD = "T4"


def prepare(text):
    return text.strip().lower()


@app.cls(gpu=CARD, scaledown_window=120)
class Embedder:
    @m.enter()
    def load(self):
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer("/models/bge-small-en", device="cuda")

    @m.method()
    def all(self, texts: list):
        return [self.one(text) for text in texts]

    def one(self, text):
        return self.model.encode(prepare(text))


@app.cls(gpu=CARD)
class Gate:
    @m.enter()
    def load(self):
        import torch

        self.net = torch.load("/models/gate.pt")

    @m.method()
    def open(self, rows: list):
        import torch

        net = self.net.to("cuda")
        return net(torch.tensor(rows).cuda()).tolist()


@app.cls(gpu=CARD)
class Labels:
    @m.enter()
    def load(self):
        from transformers import pipeline

        self.pipe = pipeline("text-classification", model="/models/labels", device=0)

    @m.fastapi_endpoint(method="POST")
    def label(self, body: dict):
        return self.pipe([body["text"]])[0]


PATIENCE = 5 * 1000


@app.function(gpu=CARD)
@m.batched(max_batch_size=16, wait_ms=PATIENCE)
def later(numbers: list):
    import torch

    return torch.tensor(numbers).cuda().tolist()


@app.function(gpu=CARD)
@m.batched(wait_ms=50, max_batch_size=1)
def alone(numbers: list):
    import torch

    return torch.tensor(numbers).cuda().tolist()


@app.function(gpu=CARD)
def words(text: str) -> int:
    return len(text.split())


@app.function(gpu="A100", timeout=900)
def documents(paths: list):
    from pypdf import PdfReader
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer("/models/bge-small-en", device="cuda")
    pages = [page.extract_text() for path in paths for page in PdfReader(path).pages]
    return model.encode(pages, batch_size=16)
