import modal

app = modal.App("answers-anew")
weights = modal.Volume.from_name("weights")


@app.function(memory=4096, volumes={"/weights": weights})
def answer(question: str):
    import joblib

    model = joblib.load("/weights/answers.joblib")
    return model.predict([question])[0]
