import modal
import pandas as pd

app = modal.App("zip-codes")
ZIPS = pd.read_csv("zips.csv")


@app.function(memory=1024)
def city(code: str):
    return ZIPS[ZIPS.code == code].city.iloc[0]


@app.function(memory=1024)
def count():
    return len(ZIPS)
