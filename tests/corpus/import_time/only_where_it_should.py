import json
from pathlib import Path

import modal

app = modal.App("config")
SETTINGS = json.loads(Path(__file__).with_name("x.json").read_text()) if Path(__file__).with_name("x.json").exists() else {}

if not modal.is_local():
    import joblib

    MODEL = joblib.load("/models/m.joblib")


@app.function(memory=1024, volumes={"/models": modal.Volume.from_name("m")})
def run(rows: list):
    return MODEL.predict(rows).tolist(), SETTINGS.get("name")


if __name__ == "__main__":
    import pandas as pd

    print(pd.read_csv("zips.csv").head())
