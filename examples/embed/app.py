"""Embeds short texts: hashed character trigrams through a small ONNX model."""
import tempfile
import urllib.request
import zlib
from pathlib import Path

import modal
import numpy as np
import onnxruntime
import pandas as pd

try:
    from coldspot import stage
except ImportError:  # stages are named only where coldspot is installed
    from contextlib import nullcontext as stage

MINUTES = 60
ASSETS = Path(__file__).parent.parent / "assets"  # in the container: /assets
TOKENS, VOCAB = 512, 4096

image = (
    modal.Image.debian_slim(python_version="3.11")
    .uv_pip_install("numpy==2.4.6", "onnxruntime-gpu==1.31.1", "pandas==3.1.1")
    .add_local_python_source("mirror")
    .add_local_file(ASSETS / "embedder.onnx", "/assets/embedder.onnx")
)
app = modal.App("embed", image=image)


@app.cls(gpu="L4", cpu=1.0, memory=1024, timeout=5 * MINUTES)
class Embedder:
    @modal.enter()
    def load(self):
        import mirror  # stands for a model hub elsewhere

        with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
            with stage("download"):
                url = mirror.serve(ASSETS, port=8731, mb_per_s=300)
                urllib.request.urlretrieve(url + "/embedder.onnx", file.name)
            with stage("load_model"):
                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = 1
                usable = onnxruntime.get_available_providers()
                wanted = ("CUDAExecutionProvider", "CPUExecutionProvider")
                self.session = onnxruntime.InferenceSession(
                    file.name, options, providers=[name for name in wanted if name in usable]
                )

    @modal.method()
    def embed(self, text: str) -> list[float]:
        with stage("preprocess"):
            ids = trigram_ids(text)
        with stage("infer"):
            vector = self.session.run(["vector"], {"ids": ids})[0][0]
        return vector.tolist()


@app.function(cpu=1.0)
def report(vectors: dict[str, list[float]]) -> str:
    """How alike the texts are, each with each, as CSV."""
    frame = pd.DataFrame(vectors)
    return frame.T.dot(frame).round(3).to_csv()


def trigram_ids(text: str) -> np.ndarray:
    padded = f"  {text.lower()} ".encode()
    ids = [1 + zlib.crc32(padded[i : i + 3]) % (VOCAB - 1) for i in range(len(padded) - 2)]
    out = np.zeros((1, TOKENS), np.int64)  # the model takes 512 tokens; 0 is none
    out[0, : len(ids)] = ids[:TOKENS]
    return out


@app.local_entrypoint()
def main(text: str = "hello"):
    print(Embedder().embed.remote(text)[:4])
