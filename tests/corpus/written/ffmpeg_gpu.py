import subprocess
import tempfile

import modal

app = modal.App("video-captions")
image = modal.Image.debian_slim(python_version="3.11").apt_install("ffmpeg").uv_pip_install("faster-whisper==1.1.1", "opencv-python-headless==4.11.0.86")
weights = modal.Volume.from_name("fw")


@app.cls(image=image, gpu="L4", volumes={"/w": weights}, timeout=1800)
class Captions:
    @modal.enter()
    def start(self):
        from faster_whisper import WhisperModel

        self.asr = WhisperModel("large-v3", device="cuda", download_root="/w")

    @modal.method()
    def video(self, url: str) -> list[str]:
        with tempfile.NamedTemporaryFile(suffix=".wav") as wav:
            subprocess.run(["ffmpeg", "-y", "-i", url, "-ar", "16000", "-ac", "1", wav.name], check=True)
            segments, _ = self.asr.transcribe(wav.name)
            return [s.text for s in segments]


@app.function(image=image, gpu="L4")
def thumbnails(path: str, every: int = 50) -> int:
    import cv2

    cap, n = cv2.VideoCapture(path), 0
    while True:
        ok, frame = cap.read()
        if not ok:
            break
        if n % every == 0:
            cv2.imwrite(f"/tmp/{n}.jpg", frame)
        n += 1
    return n
