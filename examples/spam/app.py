"""Tells spam from mail, by the log-odds of hashed words and word pairs."""
import io
import math
import urllib.request
import zlib
from pathlib import Path

import modal
import numpy as np

ASSETS = Path(__file__).parent.parent / "assets"  # in the container: /assets

image = (
    modal.Image.debian_slim(python_version="3.11")
    .uv_pip_install("numpy==2.4.6")
    .add_local_python_source("mirror")
    .add_local_file(ASSETS / "spam.npy", "/assets/spam.npy")
)
app = modal.App("spam", image=image)


@app.cls(cpu=1.0, memory=128)
class Filter:
    @modal.enter()
    def load(self):
        import mirror  # stands for a bucket elsewhere

        url = mirror.serve(ASSETS, port=8732, mb_per_s=25)
        with urllib.request.urlopen(url + "/spam.npy") as response:
            self.log_odds = np.load(io.BytesIO(response.read()))

    @modal.method()
    def is_spam(self, mail: str) -> float:
        words = mail.lower().split()
        features = words + [a + " " + b for a, b in zip(words, words[1:])]
        buckets = [zlib.crc32(feature.encode()) % self.log_odds.size for feature in features]
        return 1 / (1 + math.exp(-float(self.log_odds[buckets].sum())))
