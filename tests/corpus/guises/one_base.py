import modal as m

TORCH = "torch==2.5.1"
base = m.Image.debian_slim(python_version="3.12").uv_pip_install(TORCH)
vision = base.apt_install("libgl1").uv_pip_install("opencv-python-headless==4.10.0.84")
speech = base.apt_install("ffmpeg").uv_pip_install("openai-whisper==20240930")
app = m.App("one-base")


@app.function(image=vision, gpu="T4")
def see(picture: bytes):
    import cv2
    import numpy
    import torch

    pixels = cv2.imdecode(numpy.frombuffer(picture, dtype="uint8"), 1)
    return torch.from_numpy(pixels).cuda().float().mean().item()


@app.cls(image=speech, gpu="T4", volumes={"/root/.cache/whisper": m.Volume.from_name("whisper")})
class Ear:
    @m.enter()
    def load(self):
        import torch
        import whisper

        self.device = torch.device("cuda")
        self.model = whisper.load_model("base", device="cuda")

    @m.method()
    def hear(self, path: str):
        return self.model.transcribe(path)["text"]
