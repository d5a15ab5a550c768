import pickle
from pathlib import Path

import modal

app = modal.App("pickled")
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install("boto3==1.37.11", "scikit-learn==1.6.1")


def pull(key: str, to: Path) -> Path:
    import boto3

    boto3.resource("s3").Bucket("acme-models").download_file(key, str(to))
    return to


@app.cls(image=image, memory=2048, secrets=[modal.Secret.from_name("aws")])
class Churn:
    @modal.enter()
    def start(self):
        self.model = pickle.loads(pull("churn.pkl", Path("/tmp/churn.pkl")).read_bytes())

    @modal.method()
    def predict(self, rows: list[list[float]]) -> list[float]:
        return [float(self.model.predict_proba([row])[0][1]) for row in rows]
