"""Python 3.15 imports lazily where it is told to: polars costs nobody anything, pandas everybody."""
lazy import polars as pl
lazy from datetime import date
import modal
import pandas as pd  # one function's

image = modal.Image.debian_slim(python_version="3.15").uv_pip_install("pandas==3.1.1", "polars==1.35.2")
app = modal.App("lazily", image=image)


@app.function()
def describe(rows: list):
    return pd.DataFrame(rows).describe().to_json()


@app.function()
def shape(rows: list):
    return pl.DataFrame(rows).shape


@app.function()
def today():
    return date.today().isoformat()
