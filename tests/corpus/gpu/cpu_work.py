import modal

app = modal.App("cpu-work")
vol = modal.Volume.from_name("hf")
CACHE = {"/root/.cache/huggingface": vol}


@app.cls(gpu="T4", volumes=CACHE)
class Video:
    @modal.enter()
    def load(self):
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer("clip-ViT-B-32")

    @modal.method()
    def embed(self, path: str):
        import cv2

        frames = []
        video = cv2.VideoCapture(path)
        while True:
            ok, picture = video.read()
            if not ok:
                break
            frames.append(picture)
        return self.model.encode(frames).tolist()


@app.cls(gpu="T4", volumes=CACHE)
class Audio:
    @modal.enter()
    def load(self):
        from transformers import pipeline

        self.pipe = pipeline("automatic-speech-recognition", model="facebook/wav2vec2-base-960h", device=0)

    @modal.method()
    def hear(self, path: str):
        import subprocess

        subprocess.run(["ffmpeg", "-y", "-i", path, "/tmp/a.wav"], check=True)
        return self.pipe("/tmp/a.wav")["text"]


@app.function(cpu=2.0, memory=1024)
def frames_of(path: str):
    import cv2

    return cv2.VideoCapture(path).get(7)


@app.function(gpu="T4")
def encode(path: str):
    import subprocess

    subprocess.run(["ffmpeg", "-hwaccel", "cuda", "-i", path, "-c:v", "h264_nvenc", "/tmp/o.mp4"], check=True)
    return "/tmp/o.mp4"
