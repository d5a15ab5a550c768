import modal

app = modal.App("spam")
vol = modal.Volume.from_name("m")


@app.cls(memory=2048, volumes={"/models": vol})
class Spam:
    @modal.enter()
    def load(self):
        import joblib
        import sklearn  # noqa: F401

        self.model = joblib.load("/models/spam.joblib")

    @modal.method()
    def check(self, mails: list):
        return self.model.predict(mails).tolist()


@app.cls(memory=2048, volumes={"/root/.cache/huggingface": vol})
class Words:
    @modal.enter(snap=True)
    def load(self):
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer("BAAI/bge-small-en-v1.5")

    @modal.method()
    def embed(self, texts: list):
        return self.model.encode(texts, batch_size=32).tolist()
