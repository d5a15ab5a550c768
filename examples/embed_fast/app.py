"""Embeds short texts: hashed character trigrams through a small ONNX model."""
import zlib
from pathlib import Path

import modal
import numpy as np

try:
    from coldspot import stage
except ImportError:  # stages are named only where coldspot is installed
    from contextlib import nullcontext as stage

MINUTES = 60
ASSETS = Path(__file__).parent.parent / "assets"  # in the container: /assets
TOKENS, VOCAB = 512, 4096

base = modal.Image.debian_slim(python_version="3.11").uv_pip_install("numpy==2.4.6")
model_image = base.uv_pip_install("onnxruntime-gpu==1.31.1").add_local_file(
    ASSETS / "embedder.onnx", "/assets/embedder.onnx"
)
report_image = base.uv_pip_install("pandas==3.1.1")
app = modal.App("embed-fast")

with model_image.imports():  # report's image has no onnxruntime
    import onnxruntime


@app.cls(image=model_image, gpu="L4", cpu=1.0, memory=144, timeout=5 * MINUTES)
class Embedder:
    @modal.enter()
    def load(self):
        with stage("load_model"):
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            usable = onnxruntime.get_available_providers()
            wanted = ("CUDAExecutionProvider", "CPUExecutionProvider")
            self.session = onnxruntime.InferenceSession(
                ASSETS / "embedder.onnx",
                options,
                providers=[name for name in wanted if name in usable],
            )

    @modal.method()
    def embed(self, text: str) -> list[float]:
        with stage("preprocess"):
            ids = trigram_ids(text)
        with stage("infer"):
            vector = self.session.run(["vector"], {"ids": ids})[0][0]
        return vector.tolist()


@app.function(image=report_image, cpu=1.0, memory=160)
def report(vectors: dict[str, list[float]]) -> str:
    """How alike the texts are, each with each, as CSV."""
    import pandas as pd

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
