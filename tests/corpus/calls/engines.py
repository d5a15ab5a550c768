import modal

app = modal.App("engines")
vol = modal.Volume.from_name("hf")


@app.cls(gpu="L40S", volumes={"/root/.cache/huggingface": vol}, timeout=1200)
@modal.concurrent(max_inputs=100)
class Engine:
    @modal.enter()
    def load(self):
        from vllm import AsyncEngineArgs, AsyncLLMEngine

        self.engine = AsyncLLMEngine.from_engine_args(AsyncEngineArgs(model="Qwen/Qwen2.5-14B-Instruct"))

    @modal.method()
    async def write(self, prompt: str, key: str):
        text = ""
        async for part in self.engine.generate(prompt, None, key):
            text = part.outputs[0].text
        return text


@app.cls(gpu="T4", volumes={"/root/.cache/huggingface": vol})
@modal.concurrent(max_inputs=8)
class OneAtATime:
    @modal.enter()
    def load(self):
        import threading

        from sentence_transformers import SentenceTransformer

        self.lock = threading.Lock()
        self.model = SentenceTransformer("BAAI/bge-small-en-v1.5")

    @modal.method()
    def embed(self, texts: list):
        with self.lock:
            return self.model.encode(texts).tolist()


@app.cls(gpu="T4", volumes={"/root/.cache/huggingface": vol})
@modal.concurrent(max_inputs=8)
class Pipe:
    @modal.enter()
    def load(self):
        from transformers import pipeline

        self.pipe = pipeline("ner", model="dslim/bert-base-NER", device="cuda")

    @modal.method()
    def tag(self, texts: list):
        return self.pipe(texts)
