"""A server in the same container is warmed up and put to sleep before the snapshot: no request leaves."""
import subprocess

import modal

PORT = 8000
image = modal.Image.debian_slim().uv_pip_install("vllm==0.11.0", "requests==2.32.3")
app = modal.App("sleeper", image=image)
vol = modal.Volume.from_name("weights")

with image.imports():
    import requests


def warm_up():
    requests.post(f"http://127.0.0.1:{PORT}/v1/completions", json={"prompt": "hi"}).raise_for_status()


def sleep(level: int = 1):
    requests.post(f"http://localhost:{PORT}/sleep?level={level}").raise_for_status()


@app.cls(gpu="L40S", volumes={"/root/.cache/huggingface": vol}, enable_memory_snapshot=True,
         experimental_options={"enable_gpu_snapshot": True})
class Sleeper:
    @modal.enter(snap=True)
    def start(self):
        self.process = subprocess.Popen(["vllm", "serve", "--port", str(PORT)])
        warm_up()
        sleep()

    @modal.enter(snap=False)
    def wake(self):
        requests.post(f"http://localhost:{PORT}/wake_up").raise_for_status()

    @modal.method()
    def ask(self, prompt: str):
        return requests.post(f"http://localhost:{PORT}/v1/completions", json={"prompt": prompt}).json()
