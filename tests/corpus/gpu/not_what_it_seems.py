"""Calls that only look like a model fed slowly, a GPU left alone, or a constant moved."""
import modal as m
from modal import App

app = App("not-what-it-seems")
weights = m.Volume.from_name("weights")


class Vocabulary:
    """encode() and predict() of a table: no model, no batches."""

    def encode(self, word):
        return hash(word) % 1000

    def predict(self, word):
        return word[:1]


@app.cls(gpu="T4", volumes={"/weights": weights})
class Tagger:
    @m.enter()
    def load(self):
        import torch

        self.words = Vocabulary()
        self.net = torch.load("/weights/tagger.pt", map_location="cuda").eval()

    @m.method()
    def tag(self, sentence: list):
        import torch

        numbers = [self.words.encode(word) for word in sentence]
        names = {word: self.words.predict(word) for word in sentence}
        row = torch.tensor(numbers).to("cuda")
        with torch.no_grad():
            return names, self.net(row).cpu().tolist()

    @m.method()
    def tag_many(self, sentences: list):
        import torch

        found = []
        with torch.inference_mode():
            for start in range(0, len(sentences), 32):
                rows = torch.tensor(sentences[start : start + 32]).cuda()
                found.extend(self.net(rows).cpu().tolist())
        return found


@app.function(gpu="T4")
def compiled(source: str):
    import subprocess

    return subprocess.run(["nvcc", "-x", "cu", "-"], input=source.encode(), check=True).returncode


@app.function(gpu="L4")
def driver():
    import pynvml

    pynvml.nvmlInit()
    return pynvml.nvmlDeviceGetCount()


@app.function(gpu="L4", volumes={"/weights": weights})
@m.batched(wait_ms=100, max_batch_size=64)
def scores(numbers: list):
    import torch

    return torch.tensor(numbers).cuda().tolist()


@app.function()
def pages(paths: list, batch_size: int = 1, gpu: str = "A100") -> list:
    from pypdf import PdfReader

    return [(gpu, batch_size, page.extract_text()) for path in paths for page in PdfReader(path).pages]


@app.local_entrypoint()
def main(path: str):
    batch_size = 4
    print(list(scores.map(range(len(pages.remote([path], batch_size))))))
