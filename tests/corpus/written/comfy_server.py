import json
import subprocess
import time
import urllib.request
from pathlib import Path

import modal

app = modal.App("comfy-api")
image = (
    modal.Image.debian_slim(python_version="3.11")
    .apt_install("git", "libgl1")
    .uv_pip_install("comfy-cli==1.3.8", "fastapi[standard]==0.115.12")
    .run_commands("comfy --skip-prompt install --fast-deps --nvidia --version 0.3.27")
)
models = modal.Volume.from_name("comfy-models", create_if_missing=True)


@app.cls(image=image, gpu="A100-40GB", volumes={"/models": models}, scaledown_window=900)
class Comfy:
    @modal.enter()
    def boot(self):
        urllib.request.urlretrieve(
            "https://huggingface.co/Comfy-Org/flux1-schnell/resolve/main/flux1-schnell-fp8.safetensors",
            "/root/comfy/ComfyUI/models/checkpoints/flux.safetensors",
        )
        self.proc = subprocess.Popen("comfy launch -- --listen 127.0.0.1", shell=True)
        for _ in range(60):
            try:
                urllib.request.urlopen("http://127.0.0.1:8188/system_stats")
                break
            except OSError:
                time.sleep(1)

    def _queue(self, workflow: dict) -> str:
        body = json.dumps({"prompt": workflow}).encode()
        req = urllib.request.Request("http://127.0.0.1:8188/prompt", data=body)
        return json.load(urllib.request.urlopen(req))["prompt_id"]

    @modal.fastapi_endpoint(method="POST")
    async def generate(self, workflow: dict):
        job = self._queue(workflow)
        while True:
            with urllib.request.urlopen(f"http://127.0.0.1:8188/history/{job}") as r:
                history = json.load(r)
            if job in history:
                return history[job]
            time.sleep(0.5)
