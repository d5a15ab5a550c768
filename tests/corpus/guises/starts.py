import modal as m
from modal import App, Image, Volume, enter, method

MINUTES = 60
GPU = f"A100-{80}GB"
weights = Volume.from_name("weights", create_if_missing=True)
cuda = Image.debian_slim().uv_pip_install("torch==2.5.1", "sentence-transformers==3.3.1", "transformers==4.47.1")
app = App("starts", image=cuda)
COMMON = dict(volumes={"/root/.cache/huggingface": weights}, timeout=10 * MINUTES)


def load_encoder(name: str = "BAAI/bge-small-en-v1.5"):
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(name)


@app.cls(gpu="T4", single_use_containers=True, **COMMON)
class Once:
    @enter()
    def start(self):
        self.encoder = load_encoder()

    @method()
    def run(self, texts: list[str]):
        return self.encoder.encode(texts).tolist()


@app.cls(gpu="T4", single_use_containers=False, **COMMON)
class Again:
    @enter()
    def start(self):
        self.encoder = load_encoder()

    @method()
    def run(self, texts: list[str]):
        return self.encoder.encode(texts).tolist()


@app.function(single_use_containers=True, timeout=2 * MINUTES)
def isolated(source: str):
    import subprocess

    return subprocess.run(["python3", "-c", source], capture_output=True, check=False).stdout


@app.cls(gpu=GPU, scaledown_window=15 * MINUTES, **COMMON)
class Patient:
    @m.enter()
    def start(self):
        self.encoder = load_encoder("intfloat/e5-mistral-7b-instruct")

    @m.method()
    def run(self, texts: list[str]):
        return self.encoder.encode(texts).tolist()


@app.cls(gpu=GPU, scaledown_window=5 * MINUTES, **COMMON)
class Moderate:
    @m.enter()
    def start(self):
        self.encoder = load_encoder("intfloat/e5-mistral-7b-instruct")

    @m.method()
    def run(self, texts: list[str]):
        return self.encoder.encode(texts).tolist()


@app.cls(gpu="T4", scaledown_window=int(0.2 * MINUTES), **COMMON)
class Hasty:
    @m.enter()
    def start(self):
        self.encoder = load_encoder()

    @m.method()
    def run(self, texts: list[str]):
        return self.encoder.encode(texts).tolist()


@app.function(scaledown_window=10)
def light(text: str):
    return text.strip()


@app.cls(gpu="H100", min_containers=2, **COMMON)
class Warm:
    @m.enter()
    def start(self):
        self.encoder = load_encoder("intfloat/e5-mistral-7b-instruct")

    @m.method()
    def run(self, texts: list[str]):
        return self.encoder.encode(texts).tolist()


@app.cls(gpu="H100", min_containers=0, buffer_containers=None, **COMMON)
class Cold:
    @m.enter()
    def start(self):
        self.encoder = load_encoder("intfloat/e5-mistral-7b-instruct")

    @m.method()
    def run(self, texts: list[str]):
        return self.encoder.encode(texts).tolist()


@app.function(min_containers=2)
def warm_and_cheap(text: str):
    return text.lower()


@app.cls(gpu="T4", **COMMON)
class Search:
    @m.enter()
    def start(self):
        self.encoder = load_encoder()

    @m.fastapi_endpoint(method="POST")
    def search(self, body: dict):
        return self.encoder.encode([body["q"]]).tolist()


@app.cls(gpu="T4", scaledown_window=5 * MINUTES, **COMMON)
class SearchWindow:
    @m.enter()
    def start(self):
        self.encoder = load_encoder()

    @m.fastapi_endpoint(method="POST")
    def search(self, body: dict):
        return self.encoder.encode([body["q"]]).tolist()
