import functools

import modal

app = modal.App("once")
vol = modal.Volume.from_name("m")
MODELS = {"/models": vol}
_model = None


@functools.cache
def cached(path):
    import joblib

    return joblib.load(path)


def lazy():
    global _model
    if _model is None:
        import joblib

        _model = joblib.load("/models/a.joblib")
    return _model


@app.function(memory=1024, volumes=MODELS)
def a(rows: list):
    return cached("/models/a.joblib").predict(rows).tolist()


@app.function(memory=1024, volumes=MODELS)
def b(rows: list):
    return lazy().predict(rows).tolist()


@app.cls(memory=1024, volumes=MODELS)
class C:
    def model(self):
        if not hasattr(self, "_m"):
            import joblib

            self._m = joblib.load("/models/a.joblib")
        return self._m

    @modal.method()
    def run(self, rows: list):
        return self.model().predict(rows).tolist()


@app.function(memory=1024, volumes=MODELS)
def chosen(name: str, rows: list):
    import joblib

    model = joblib.load(f"/models/{name}.joblib")
    return model.predict(rows).tolist()


@app.function(memory=4096, volumes=MODELS, timeout=7200)
def train(rows: list):
    import joblib

    old = joblib.load("/models/a.joblib")
    return old.get_params()
