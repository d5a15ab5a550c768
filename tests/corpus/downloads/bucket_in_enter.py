import os

import modal

app = modal.App("bucket")


@app.cls(memory=4096, enable_memory_snapshot=True)
class Churn:
    @modal.enter()
    def load(self):
        import boto3
        import joblib

        s3 = boto3.client("s3")
        if not os.path.exists("/tmp/churn.joblib"):
            s3.download_file("models", "churn/v3.joblib", "/tmp/churn.joblib")
        self.model = joblib.load("/tmp/churn.joblib")

    @modal.method()
    def score(self, rows: list):
        return self.model.predict(rows).tolist()
