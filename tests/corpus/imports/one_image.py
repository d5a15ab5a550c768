"""Two functions share an image that the others do not have: the import goes into a block of that image."""
import modal
import pandas as pd  # reports only

reports = modal.Image.debian_slim().uv_pip_install("pandas==2.2.3")  # what reports need
app = modal.App("one-image")


@app.function(image=reports)
def describe(rows: list):
    return pd.DataFrame(rows).describe().to_json()


@app.function(image=reports)
def total(rows: list):
    return pd.DataFrame(rows).sum().to_dict()


@app.function()
def ping():
    return "ok"


@app.function()
def pong():
    return "ok"
