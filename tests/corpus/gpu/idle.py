import modal

app = modal.App("idle-gpu")


@app.function(gpu="A10G")
def parse(text: str):
    import json

    return json.loads(text)


@app.function(gpu="T4", memory=2048)
def frame(rows: list):
    import pandas as pd

    return pd.DataFrame(rows).describe().to_dict()


@app.function(gpu="T4")
def smi():
    import subprocess

    return subprocess.run(["nvidia-smi"], capture_output=True, text=True).stdout


@app.function(gpu="T4")
def custom(x: list):
    import my_kernels

    return my_kernels.run(x)


@app.function(gpu="T4")
def boost(x: list, y: list):
    import xgboost

    return xgboost.XGBRegressor(device="cuda").fit(x, y).predict(x).tolist()
