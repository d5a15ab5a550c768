import modal

app = modal.App("held")
vol = modal.Volume.from_name("d")


@app.cls(memory=4096, volumes={"/data": vol}, enable_memory_snapshot=True)
class Lookup:
    @modal.enter(snap=True)
    def load(self):
        import numpy as np
        import pandas as pd

        self.table = pd.read_parquet("/data/rows.parquet")
        self.vectors = np.load("/data/vectors.npy")
        self.extra = np.load("/data/extra.npy")

    @modal.method()
    def near(self, i: int):
        return (self.vectors @ self.vectors[i]).argmax().item()


@app.cls(memory=4096, volumes={"/data": vol}, enable_memory_snapshot=True)
class Used:
    @modal.enter(snap=True)
    def load(self):
        import pandas as pd

        self.table = pd.read_parquet("/data/rows.parquet")
        raw = pd.read_parquet("/data/keys.parquet")
        self.keys = set(raw["key"])

    def rows(self):
        return self.table

    @modal.method()
    def has(self, key: str):
        return key in self.keys and len(self.rows()) > 0
