import modal

app = modal.App("pool")
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install("scikit-learn==1.6.1", "joblib==1.4.2", "pandas==2.2.3", "pyarrow==19.0.1")
vol = modal.Volume.from_name("tables")


def _one(path):
    import pandas as pd

    return len(pd.read_parquet(path, columns=["id"]))


@app.function(image=image, volumes={"/t": vol}, timeout=3600)
def count(paths: list[str]) -> int:
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(max_workers=16) as pool:
        return sum(pool.map(_one, paths))


@app.function(image=image, cpu=16)
def slug(title: str) -> str:
    return "-".join(title.lower().split())


@app.function(image=image, volumes={"/t": vol}, timeout=3600)
def merge(a: str, b: str) -> int:
    import pandas as pd

    left = pd.read_parquet(f"/t/{a}.parquet")
    right = pd.read_parquet(f"/t/{b}.parquet")
    joined = left.merge(right, on="id")
    joined.to_parquet("/t/joined.parquet")
    return len(joined)
