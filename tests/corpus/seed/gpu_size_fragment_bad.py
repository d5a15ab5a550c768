@app.function(gpu="A100")
def small_model_inference():
    model = load_small_model()
    return model.predict()


@app.cls(gpu="H100")
class Tagger:
    # needs 3 GB of GPU memory, all told
    @modal.enter()
    def start(self):
        self.tag = make_tagger()

    @modal.method()
    def run(self, text):
        return self.tag(text)
