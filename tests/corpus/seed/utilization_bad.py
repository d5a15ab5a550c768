import modal

app = modal.App("gpu-waits")
weights = modal.Volume.from_name("weights")


@app.function(gpu="A10")
def tidy(text: str):
    return " ".join(text.split())


@app.cls(gpu="A10", volumes={"/root/.cache/whisper": weights})
class Ears:
    @modal.enter()
    def load(self):
        import whisper

        self.model = whisper.load_model("large-v3", download_root="/root/.cache/whisper")

    @modal.method()
    def hear(self, path: str):
        import librosa

        sound, _ = librosa.load(path, sr=16000)
        return self.model.transcribe(sound)["text"]
