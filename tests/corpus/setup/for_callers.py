"""A function that loads on each call, with callers of several kinds."""
import modal

app = modal.App("callers")
weights = modal.Volume.from_name("weights")


@app.function(memory=4096, volumes={"/weights": weights})
def answer(question: str):
    """The answer.

    Of one word.
    """
    import joblib

    model = joblib.load("/weights/answers.joblib")  # 2 GB
    return model.predict([question])[0]


@app.local_entrypoint()
def main():
    print(answer.remote("who?"), list(answer.map(["what?", "when?"])))
