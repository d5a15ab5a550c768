import modal

app = modal.App("helpers")
vol = modal.Volume.from_name("hf")
CACHE = "/root/.cache/huggingface"


def get_model(name):
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(name)


def vectors(texts):
    return get_model("BAAI/bge-base-en-v1.5").encode(texts)


@app.function(gpu="L4", volumes={CACHE: vol})
def embed(texts: list):
    return vectors(texts).tolist()


@app.cls(gpu="L4", volumes={CACHE: vol})
class Ranker:
    @modal.method()
    def rank(self, pairs: list):
        from sentence_transformers import CrossEncoder

        model = CrossEncoder("cross-encoder/ms-marco-MiniLM-L-6-v2")
        return model.predict(pairs).tolist()
