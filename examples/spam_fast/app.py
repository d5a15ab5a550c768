"""Tells spam from mail, by the log-odds of hashed words and word pairs."""
import math
import zlib
from pathlib import Path

import modal
import numpy as np

ASSETS = Path(__file__).parent.parent / "assets"  # in the container: /assets

image = (
    modal.Image.debian_slim(python_version="3.11")
    .uv_pip_install("numpy==2.4.6")
    .add_local_file(ASSETS / "spam.npy", "/assets/spam.npy")
)
app = modal.App("spam-fast", image=image)


@app.cls(cpu=1.0, memory=128, enable_memory_snapshot=True)
class Filter:
    @modal.enter(snap=True)
    def load(self):
        self.log_odds = np.load(ASSETS / "spam.npy")

    @modal.method()
    def is_spam(self, mail: str) -> float:
        words = mail.lower().split()
        features = words + [a + " " + b for a, b in zip(words, words[1:])]
        buckets = [zlib.crc32(feature.encode()) % self.log_odds.size for feature in features]
        return 1 / (1 + math.exp(-float(self.log_odds[buckets].sum())))
