import modal
import pandas as pd

app = modal.App("tables")


def read(rows):
    return pd.DataFrame(rows)


@app.function()
def totals(rows: list):
    return read(rows).sum().to_dict()


@app.cls()
class Reports:
    @modal.enter()
    def start(self):
        self.empty = read([])

    @modal.method()
    def head(self, rows: list):
        return self._cut(rows)

    def _cut(self, rows):
        return read(rows).head(3).to_dict()
