import modal

app = modal.App("table-whole")
data = modal.Volume.from_name("data")


@app.function(memory=16384, volumes={"/data": data})
def describe():
    import pandas as pd

    table = pd.read_csv("/data/huge_clicks.csv")
    return table.describe().to_dict()
