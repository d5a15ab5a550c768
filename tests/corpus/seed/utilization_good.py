import modal

app = modal.App("gpu-works")
weights = modal.Volume.from_name("weights")


@app.function()
def tidy(text: str):
    return " ".join(text.split())


@app.function(memory=1024)
def read_sound(path: str):
    import librosa

    return librosa.load(path, sr=16000)[0]


@app.cls(gpu="A10", volumes={"/root/.cache/whisper": weights})
class Ears:
    @modal.enter()
    def load(self):
        import whisper

        self.model = whisper.load_model("large-v3", download_root="/root/.cache/whisper")

    @modal.method()
    def hear(self, sound):
        return self.model.transcribe(sound)["text"]


@app.local_entrypoint()
def main(path: str):
    print(tidy.remote(Ears().hear.remote(read_sound.remote(path))))
