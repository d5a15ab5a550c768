"""Names that sound large, lists that come with the code, a table that each call asks again."""
import json
from pathlib import Path

import modal as m
from modal import App, Volume

app = App("small-readers")
books = Volume.from_name("small-books")


class Ledger:
    def read(self):
        return [1, 2, 3]

    def read_csv(self, path, n_jobs=-1):
        return [path] * abs(n_jobs)


@app.function()
def own_reader(name: str) -> int:
    ledger = Ledger()
    return sum(ledger.read()) + len(ledger.read_csv("all_transactions.csv", n_jobs=-1)) + len(name)


@app.function(volumes={"/books": books})
def settings(name: str) -> str:
    options = json.loads(Path("/books/options.json").read_text())
    return options[name]


@app.function(volumes={"/books": books}, memory=2048, cpu=2.0)
def by_pieces(name: str) -> float:
    import pandas

    return sum(piece["amount"].sum() for piece in pandas.read_csv("/books/all_transactions.csv", chunksize=50_000))


@app.function(memory=8 * 1024 - 1, cpu=4 - 0.5)
def almost(words: list) -> list:
    return sorted(words)


@app.cls(volumes={"/books": books}, memory=4096, scaledown_window=300)
class Catalogue:
    @m.enter()
    def load(self):
        import pandas

        self.table = pandas.read_parquet("/books/catalogue.parquet")

    @m.method()
    def find(self, sku: str):
        return getattr(self, "table").loc[sku].to_dict()


@app.local_entrypoint()
def main():
    import pandas

    history = pandas.read_csv("full_history.csv")
    print(history.sum(), own_reader.remote("x"))
