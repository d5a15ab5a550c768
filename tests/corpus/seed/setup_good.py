import modal

app = modal.App("answers-once")
weights = modal.Volume.from_name("weights")


@app.cls(memory=4096, volumes={"/weights": weights}, enable_memory_snapshot=True)
class Answers:
    @modal.enter(snap=True)
    def load(self):
        import joblib

        self.model = joblib.load("/weights/answers.joblib")

    @modal.method()
    def answer(self, question: str):
        return self.model.predict([question])[0]
