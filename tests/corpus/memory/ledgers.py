"""Bookkeeping of a shop, with more memory and cores than it needs, or fewer."""
import json

import modal as m
from modal import App

GIB = 1024
BIG = {"memory": 16 * GIB, "timeout": 900}

app = App("ledgers")
books = m.Volume.from_name("books")


@app.function(**BIG)
def vat(amounts: list) -> float:
    return sum(amounts) * 0.2


@app.function(cpu=GIB / 128)
def labels(names: list) -> list:
    return [name.title() for name in names]


@app.function(volumes={"/books": books})
def totals(year: int) -> float:
    import pandas

    table = pandas.read_csv(f"/books/transactions-{year}.csv")
    return table["amount"].quantile(0.5)


@app.function(volumes={"/books": books}, memory=2 * GIB)
def lines(year: int) -> int:
    with open("/books/full_history.json") as file:
        events = json.load(file)
    found = 0
    for event in events:
        found += event["year"] == year
    return found


@app.cls(volumes={"/books": books}, memory=4 * GIB, scaledown_window=300)
class Prices:
    @m.enter()
    def load(self):
        import pandas

        self.archive = pandas.read_parquet("/books/prices.parquet")
        self.latest = self.archive.groupby("sku").last().to_dict()

    @m.method()
    def price(self, sku: str) -> float:
        return self.latest["price"][sku]
