import modal

app = modal.App("requests")
vol = modal.Volume.from_name("m")


@app.function(memory=32 * 1024)
def greet(name: str):
    return f"hello {name}"


@app.function(cpu=8)
def words(text: str):
    return len(text.split())


@app.function(volumes={"/data": vol})
def report(day: str):
    import pandas as pd

    return pd.read_parquet(f"/data/{day}.parquet").groupby("shop").total.sum().to_dict()


@app.function(memory=4096)
def search(rows: list, targets: list):
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(n_jobs=-1).fit(rows, targets).score(rows, targets)


@app.function(memory=4096, volumes={"/data": vol})
def right(day: str):
    import pandas as pd

    return pd.read_parquet(f"/data/{day}.parquet").groupby("shop").total.sum().to_dict()


@app.function(cpu=8.0, memory=16384)
def many(paths: list):
    import multiprocessing

    with multiprocessing.Pool(8) as pool:
        return pool.map(len, paths)


@app.function(cpu=0.25, memory=128)
def modest(x: str):
    return x.upper()
