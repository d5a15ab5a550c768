import json

import modal

app = modal.App("streams")
vol = modal.Volume.from_name("d")
D = {"/data": vol}


@app.function(memory=2048, volumes=D)
def chunks():
    import pandas as pd

    stats = [chunk.describe() for chunk in pd.read_csv("/data/huge_data.csv", chunksize=100_000)]
    return pd.concat(stats).mean().to_dict()


@app.function(memory=1024, volumes=D)
def errors():
    with open("/data/events.jsonl") as file:
        return sum("error" in line for line in file)


@app.function(memory=1024, volumes=D)
def settings():
    with open("/data/settings.json") as file:
        options = json.load(file)
    return [name for name in options if options[name]]


@app.function(memory=2048, volumes=D)
def joined():
    import pandas as pd

    left = pd.read_csv("/data/shops.csv")
    right = pd.read_csv("/data/cities.csv")
    return left.merge(right, on="city").to_dict("records")


@app.function(memory=2048, volumes=D)
def streamed():
    from datasets import load_dataset

    return sum(len(row["text"]) for row in load_dataset("wikipedia", split="train", streaming=True))
