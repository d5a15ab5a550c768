"""What a file imported from its package imports, and what other packages bring along, is used."""
import modal

from . import ranking

image = modal.Image.debian_slim().uv_pip_install("scikit-learn==1.5.0", "tqdm==4.66.0")
speech = modal.Image.debian_slim().uv_pip_install("some-asr==3.4.0", "scipy==1.15.0", "torch==2.8.0")
wget = modal.Image.debian_slim().run_commands("apt install -y wget")
app = modal.App("searcher")


@app.function(image=image)
def rank(rows: list):
    return ranking.fit(rows)


@app.function(image=speech, gpu="T4")
def hear(path: str):
    import some_asr

    return some_asr.hear(path)


@app.function(image=wget)
def nothing():
    return 1
