"""Models that are there already, models of unknown size beside known ones, and data that is shuffled, not streamed."""
import random

import modal

app = modal.App("objects")
vol = modal.Volume.from_name("cache")
baked = (
    modal.Image.debian_slim()
    .uv_pip_install("ultralytics==8.3.0")
    .run_commands("python -c \"from ultralytics import YOLO; YOLO('yolov8n.pt')\"")
)


@app.cls(volumes={"/models": vol}, memory=8192, enable_memory_snapshot=True)
class Summarizer:
    @modal.enter(snap=True)
    def load(self):
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, pipeline

        model = AutoModelForSeq2SeqLM.from_pretrained("t5-small", cache_dir="/models")
        tokenizer = AutoTokenizer.from_pretrained("t5-small", cache_dir="/models")
        self.pipe = pipeline("summarization", model=model, tokenizer=tokenizer)

    @modal.method()
    def run(self, text: str):
        return self.pipe(text)[0]["summary_text"]


@app.cls(gpu="T4", image=baked)
class Detector:
    @modal.enter()
    def load(self):
        from ultralytics import YOLO

        self.model = YOLO("yolov8n.pt")

    @modal.method()
    def boxes(self, pictures: list):
        return self.model.predict(pictures, batch=32)


@app.cls(gpu="A10G", volumes={"/root/.cache/huggingface": vol})
class Voice:
    @modal.enter()
    def load(self):
        from faster_whisper import WhisperModel
        from talking_heads import SpeechModel

        self.ears = WhisperModel("medium", device="cuda")
        self.mouth = SpeechModel(model_name="someone/speech-3b-ft")

    @modal.method()
    def answer(self, path: str):
        return self.mouth.say(self.ears.transcribe(path))


@app.function(volumes={"/root/.cache/huggingface": vol}, memory=2048)
def sample(n: int):
    from datasets import load_dataset

    rows = list(load_dataset("gsm8k", "main", split="test"))
    random.shuffle(rows)
    return rows[:n]
