"""How likely a customer is to leave, by a random forest."""
from pathlib import Path

import joblib
import modal
import numpy as np

ASSETS = Path(__file__).parent.parent / "assets"  # in the container: /assets

image = (
    modal.Image.debian_slim(python_version="3.11")
    .uv_pip_install("joblib==1.6.0", "numpy==2.4.6", "scikit-learn==1.9.1")
    .add_local_file(ASSETS / "churn.joblib", "/assets/churn.joblib")
)
app = modal.App("churn-fast", image=image)


@app.cls(cpu=1.0, memory=256, enable_memory_snapshot=True)
class Churn:
    @modal.enter(snap=True)
    def load(self):
        self.model = joblib.load(ASSETS / "churn.joblib")

    @modal.method()
    def predict(self, customer: list[float]) -> float:
        return float(self.model.predict_proba(np.array([customer], np.float32))[0, 1])
