import modal

app = modal.App("layers-in-order")
needs_it = (
    modal.Image.debian_slim()
    .add_local_file("requirements.txt", "/root/requirements.txt", copy=True)
    .run_commands("uv pip install --system --compile-bytecode -r /root/requirements.txt")
    .add_local_dir("src", "/root/src")
)
at_the_end = modal.Image.debian_slim().uv_pip_install("pandas==2.2.3").add_local_dir("src", "/root/src", copy=True)
clean = modal.Image.debian_slim().run_commands("apt-get update && apt-get install -y sox && rm -rf /var/lib/apt/lists/*")


@app.function(image=needs_it)
def a():
    return 1


@app.function(image=at_the_end, memory=512)
def b(rows: list):
    import pandas as pd

    return pd.DataFrame(rows).sum().to_dict()


@app.function(image=clean)
def c(path: str):
    import subprocess

    return subprocess.run(["sox", "--i", path], capture_output=True, text=True).stdout
