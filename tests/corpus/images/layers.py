import modal

app = modal.App("layers")
first = (
    modal.Image.debian_slim()
    .add_local_dir("src", "/root/src", copy=True)
    .uv_pip_install("pandas==2.2.3")
)
second = (
    modal.Image.debian_slim()
    .add_local_file("tool.py", "/root/tool.py", copy=True)
    .apt_install("ffmpeg")
    .run_commands("apt-get update && apt-get install -y sox")
    .env({"PYTHONDONTWRITEBYTECODE": "1"})
)
third = modal.Image.debian_slim().run_commands(
    "apt update && apt install -y git", "pip install --no-compile numpy==2.1.0"
)


@app.function(image=first, memory=512)
def a(rows: list):
    import pandas as pd

    return pd.DataFrame(rows).sum().to_dict()


@app.function(image=second)
def b(path: str):
    import subprocess

    return subprocess.run(["sox", "--i", path], capture_output=True, text=True).stdout


@app.function(image=third)
def c():
    import numpy

    return numpy.__version__
