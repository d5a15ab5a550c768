import subprocess
import urllib.request

import modal

app = modal.App("files")
WEIGHTS = "https://example.com/models/detector.onnx"


@app.cls(memory=2048, enable_memory_snapshot=True)
class Detector:
    @modal.enter(snap=True)
    def fetch(self):
        import onnxruntime

        urllib.request.urlretrieve(WEIGHTS, "/tmp/detector.onnx")
        self.session = onnxruntime.InferenceSession("/tmp/detector.onnx")

    @modal.method()
    def detect(self, batch: list):
        return self.session.run(None, {"x": batch})


@app.cls()
class Words:
    @modal.enter()
    def fetch(self):
        subprocess.run(["wget", "-q", "https://example.com/words.txt", "-O", "/tmp/words.txt"], check=True)
        with open("/tmp/words.txt") as file:
            self.words = set(file)

    @modal.method()
    def has(self, word: str):
        return word in self.words
