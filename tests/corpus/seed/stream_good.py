import modal

app = modal.App("table-in-pieces")
data = modal.Volume.from_name("data")


@app.function(memory=2048, volumes={"/data": data})
def describe():
    import pandas as pd

    pieces = [piece.describe() for piece in pd.read_csv("/data/huge_clicks.csv", chunksize=100_000)]
    return pd.concat(pieces).groupby(level=0).mean().to_dict()
