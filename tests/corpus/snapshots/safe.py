import modal

app = modal.App("safe")
vol = modal.Volume.from_name("m")


@app.cls(gpu="T4", volumes={"/root/.cache/huggingface": vol}, enable_memory_snapshot=True)
class Split:
    @modal.enter(snap=True)
    def load(self):
        from transformers import AutoModel

        self.model = AutoModel.from_pretrained("bert-base-uncased")

    @modal.enter(snap=False)
    def to_gpu(self):
        import uuid

        self.id = uuid.uuid4()
        self.model.to("cuda")

    @modal.method()
    def size(self):
        return self.model.num_parameters(), str(self.id)


@app.cls(gpu="T4", volumes={"/root/.cache/huggingface": vol}, enable_memory_snapshot=True,
         experimental_options={"enable_gpu_snapshot": True})
class OnGpu:
    @modal.enter(snap=True)
    def load(self):
        from transformers import AutoModel

        self.model = AutoModel.from_pretrained("bert-base-uncased").to("cuda")

    @modal.method()
    def size(self):
        return self.model.num_parameters()


@app.cls(memory=2048, volumes={"/models": vol}, enable_memory_snapshot=False)
class ByChoice:
    @modal.enter()
    def load(self):
        import joblib
        import sklearn  # noqa: F401

        self.model = joblib.load("/models/m.joblib")

    @modal.method()
    def run(self, rows: list):
        return self.model.predict(rows).tolist()
