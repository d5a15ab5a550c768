import modal

app = modal.App("transcribe-queue")
image = (
    modal.Image.from_registry("nvidia/cuda:12.4.0-devel-ubuntu22.04", add_python="3.11")
    .apt_install("ffmpeg", "git")
    .pip_install("openai-whisper==20240930", "torch==2.5.1")
)
cpu_image = modal.Image.debian_slim(python_version="3.11").uv_pip_install("yt-dlp==2025.3.31")
audio = modal.Volume.from_name("audio", create_if_missing=True)
queue = modal.Queue.from_name("jobs", create_if_missing=True)


@app.function(image=cpu_image, volumes={"/audio": audio}, timeout=1200)
def fetch(url: str) -> str:
    import subprocess

    subprocess.run(["yt-dlp", "-x", "-o", "/audio/%(id)s.%(ext)s", url], check=True)
    audio.commit()
    return url.split("=")[-1]


@app.function(image=image, gpu="A100-80GB", volumes={"/audio": audio}, timeout=1800)
def transcribe(name: str) -> str:
    import whisper

    model = whisper.load_model("tiny")
    result = model.transcribe(f"/audio/{name}.mp3")
    return result["text"]


@app.function(schedule=modal.Period(minutes=5), timeout=3600)
def drain():
    texts = {}
    for url in queue.get_many(100):
        name = fetch.remote(url)
        texts[name] = transcribe.remote(name)
    print(len(texts))
