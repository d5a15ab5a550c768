"""Obeys the rules: nothing to find here."""
import datetime as dt

import modal

app = modal.App("clean-etl")
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install("polars==1.26.0", "pandas==2.2.3", "pyarrow==19.0.1")
lake = modal.Volume.from_name("lake")


@app.function(image=image, volumes={"/lake": lake}, schedule=modal.Cron("0 4 * * *"), memory=4096, cpu=2.0, timeout=1800)
def nightly():
    import polars as pl

    day = dt.date.today().isoformat()
    (
        pl.scan_parquet(f"/lake/raw/{day}/*.parquet")
        .group_by("page")
        .agg(pl.len().alias("hits"))
        .sink_parquet(f"/lake/agg/{day}.parquet")
    )
    lake.commit()


@app.function(image=image, volumes={"/lake": lake}, memory=2048, timeout=1800)
def totals(path: str) -> int:
    import pandas as pd

    return sum(len(chunk) for chunk in pd.read_csv(path, chunksize=100_000))


@app.function(image=image)
def names(folder: str) -> list[str]:
    import os

    return sorted(os.listdir(folder))


@app.local_entrypoint()
def main():
    print(list(totals.map([f"/lake/{i}.csv" for i in range(30)])))
