import modal as m

image = m.Image.debian_slim().uv_pip_install("pandas==2.2.3", "torch==2.5.1", "fastapi==0.115.6")
app = m.App("imports-image-block")

with image.imports():
    import pandas as pd
    import torch


def device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


@app.function(image=image, gpu="T4")
def total(xs: list):
    return torch.tensor(xs, device=device()).sum().item()


@app.function(image=image)
def table(rows: list):
    return pd.DataFrame(rows).describe().to_dict()


@app.cls(image=image, gpu="T4")
class Scorer:
    @m.enter()
    def load(self):
        import torch.nn.functional as F

        self.F = F

    @m.method()
    def score(self, xs: list):
        return self.F.softmax(torch.tensor(xs).cuda(), dim=0).tolist()
