import json

import modal

app = modal.App("whole")
vol = modal.Volume.from_name("d")
D = {"/data": vol}


@app.function(memory=16384, volumes=D)
def process_large_file():
    import pandas as pd

    df = pd.read_csv("/data/huge_data.csv")
    return df.describe().to_json()


@app.function(memory=1024, volumes=D)
def errors():
    with open("/data/events.jsonl") as file:
        lines = file.readlines()
    n = 0
    for line in lines:
        n += "error" in line
    return n


@app.function(memory=2048, volumes=D)
def rows():
    from datasets import load_dataset

    data = load_dataset("wikipedia", split="train")
    n = 0
    for row in data:
        n += len(row["text"])
    return n


@app.function(memory=12 * 1024, volumes=D)
def orders():
    total = 0
    with open("/data/orders.json") as file:
        data = json.load(file)
    for order in data:
        total += order["total"]
    return total
