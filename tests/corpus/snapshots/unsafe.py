import random
import uuid

import modal

app = modal.App("unsafe")
vol = modal.Volume.from_name("m")


@app.cls(memory=2048, volumes={"/models": vol}, enable_memory_snapshot=True)
class Sampler:
    @modal.enter(snap=True)
    def load(self):
        import joblib
        import psycopg2

        self.id = uuid.uuid4()
        random.seed(7)
        self.model = joblib.load("/models/m.joblib")
        self.db = psycopg2.connect("dbname=x")

    @modal.method()
    def run(self, rows: list):
        return self.model.predict(rows).tolist(), str(self.id), self.db.status


@app.cls(gpu="T4", volumes={"/root/.cache/huggingface": vol}, enable_memory_snapshot=True)
class Embedder:
    @modal.enter(snap=True)
    def load(self):
        from transformers import AutoModel

        self.model = AutoModel.from_pretrained("bert-base-uncased", device_map="cuda")

    @modal.method()
    def size(self):
        return self.model.num_parameters()
