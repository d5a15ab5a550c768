import modal

app = modal.App("columns")
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install("pandas==2.2.3", "pyarrow==19.0.1")
lake = modal.Volume.from_name("lake")


@app.function(image=image, volumes={"/lake": lake}, memory=16384)
def revenue() -> float:
    import pandas as pd

    orders = pd.read_csv("/lake/orders.csv")
    return float(orders["amount"].sum())


@app.function(image=image, volumes={"/lake": lake}, memory=16384)
def ranked() -> list[float]:
    import pandas as pd

    orders = pd.read_csv("/lake/orders.csv")
    orders["share"] = orders["amount"] / orders["amount"].sum()
    return orders["share"].rank().tolist()


@app.function(image=image, volumes={"/lake": lake}, memory=2048)
def revenue_in_pieces() -> float:
    import pandas as pd

    return float(sum(piece["amount"].sum() for piece in pd.read_csv("/lake/orders.csv", chunksize=100_000)))
