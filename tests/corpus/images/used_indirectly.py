"""Packages that no import statement shows: a back end named in a string, a program, a dependency of another package."""
import subprocess

import modal

app = modal.App("indirect")
plots = modal.Image.debian_slim().uv_pip_install("pandas==2.2.3", "matplotlib==3.10.0")
tools = modal.Image.debian_slim().uv_pip_install("scikit-learn==1.6.0", "mlflow==2.19.0")
nlp = modal.Image.debian_slim().uv_pip_install("sentence-transformers==3.3.1", "torch==2.6.0", "transformers==4.48.0")


@app.function(image=plots, memory=512)
def chart(rows: list):
    import pandas as pd

    return str(pd.DataFrame(rows).plot(backend="matplotlib"))


@app.function(image=tools, memory=512, timeout=900)
def run_script():
    return subprocess.run(["python", "-m", "mlflow", "doctor"], capture_output=True, text=True).stdout


@app.cls(image=nlp, gpu="T4", volumes={"/root/.cache/huggingface": modal.Volume.from_name("hf")})
class Embed:
    @modal.enter()
    def load(self):
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer("BAAI/bge-small-en-v1.5")

    @modal.method()
    def run(self, texts: list):
        return self.model.encode(texts).tolist()
