import os
import secrets
import uuid

import modal

app = modal.App("snap")
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install("scikit-learn==1.6.1", "psycopg[binary]==3.2.6", "httpx==0.28.1", "joblib==1.4.2")
vol = modal.Volume.from_name("m")


@app.cls(image=image, volumes={"/m": vol}, enable_memory_snapshot=True, memory=2048)
class Snap:
    @modal.enter(snap=True)
    def before(self):
        import httpx
        import joblib
        import psycopg

        self.model = joblib.load("/m/clf.joblib")
        self.db = psycopg.connect(os.environ["DSN"])
        self.flags = httpx.get("https://flags.example.com/all").json()
        self.instance = uuid.uuid4().hex

    @modal.enter()
    def after(self):
        self.token = secrets.token_hex(8)

    @modal.method()
    def predict(self, x: list[float]) -> int:
        return int(self.model.predict([x])[0])


@app.cls(image=image, volumes={"/m": vol}, enable_memory_snapshot=True, memory=2048)
class Fine:
    @modal.enter(snap=True)
    def before(self):
        import joblib

        self.model = joblib.load("/m/clf.joblib")

    @modal.enter(snap=False)
    def after(self):
        self.id = uuid.uuid4().hex

    @modal.method()
    def predict(self, x: list[float]) -> str:
        return self.id + str(self.model.predict([x])[0])
