"""How unusual a machine's readings are, by an isolation forest."""
from pathlib import Path

import joblib
import modal
import numpy as np

ASSETS = Path(__file__).parent.parent / "assets"  # in the container: /assets

image = (
    modal.Image.debian_slim(python_version="3.11")
    .uv_pip_install("joblib==1.6.0", "numpy==2.4.6", "scikit-learn==1.9.1")
    .add_local_file(ASSETS / "sensors.joblib", "/assets/sensors.joblib")
)
app = modal.App("sensors", image=image)


@app.cls(cpu=1.0, memory=224, enable_memory_snapshot=True)
class Sensors:
    @modal.enter(snap=True)
    def load(self):
        self.model = joblib.load(ASSETS / "sensors.joblib")

    @modal.method()
    def score(self, readings: list[list[float]]) -> list[float]:
        scores = []
        for reading in readings:
            scores.append(float(self.model.score_samples(np.array([reading]))[0]))
        return scores
