import modal

MINUTES = 60
GPU = "l4"
CACHE = "/root/.cache/huggingface"
base = modal.Image.debian_slim(python_version="3.11").uv_pip_install("sentence-transformers==3.3.1", "torch==2.6.0")
volume = modal.Volume.from_name("weights", create_if_missing=True)
app = modal.App("project", image=base)
DEFAULTS = {"timeout": 10 * MINUTES, "volumes": {CACHE: volume}, "scaledown_window": 2 * MINUTES}
