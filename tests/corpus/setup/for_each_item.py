import modal

app = modal.App("items")
vol = modal.Volume.from_name("m")


@app.function(memory=2048, volumes={"/models": vol})
def label_all(rows: list):
    import joblib

    out = []
    for row in rows:
        model = joblib.load("/models/labels.joblib")
        out.append(model.classes_[row])
    return out
