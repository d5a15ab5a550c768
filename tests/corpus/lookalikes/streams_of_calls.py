"""Items that arrive one by one, looks at a state in a loop, connections for one block, a singleton service, a long job."""
import subprocess

import modal

app = modal.App("streams")
vol = modal.Volume.from_name("cache")
CACHE = {"/root/.cache/huggingface": vol}


@app.function()
def read_picture(path: str):
    with open(path, "rb") as file:
        return file.read()


class ShotClassifier:
    def classify(self, positions: list):
        return "serve" if positions and positions[0] > 3 else "rally"


@app.cls(gpu="T4", volumes=CACHE)
class Counter:
    @modal.enter()
    def load(self):
        from ultralytics import YOLO

        self.model = YOLO("/root/.cache/huggingface/best.pt")

    @modal.method()
    def count(self, paths: list):
        return sum(len(self.model.predict(picture)[0].boxes) for picture in read_picture.map(paths))

    @modal.method()
    def shots(self, rallies: list):
        classifier = ShotClassifier()
        return [classifier.classify(rally) for rally in rallies]


@app.cls(max_containers=1)
class Tree:
    @modal.enter()
    def start(self):
        self.nodes = []

    @modal.method()
    def grow(self, node: dict):
        self.nodes.append(node)

    @modal.method()
    def size(self):
        return len(self.nodes)


@app.local_entrypoint()
def search(rounds: int = 5):
    tree = Tree()
    for number in range(rounds):
        print(number, tree.size.remote())


@app.function(secrets=[modal.Secret.from_name("db")])
@modal.asgi_app()
def web():
    from fastapi import FastAPI

    api = FastAPI()

    @api.get("/users")
    def users():
        import psycopg2

        with psycopg2.connect() as connection:
            return connection.cursor().fetchall()

    return api


@app.function(min_containers=1, max_containers=1)
@modal.web_server(9091)
def gateway():
    subprocess.Popen(["pushgateway"])


@app.function(gpu="H100", single_use_containers=True, timeout=24 * 3600, volumes=CACHE)
def finetune(rows: list):
    import wandb
    from transformers import AutoModelForCausalLM, Trainer

    model = AutoModelForCausalLM.from_pretrained("gpt2-xl")
    wandb.init()
    Trainer(model=model, train_dataset=rows).train()


@app.function(single_use_containers=True, gpu="L4", volumes=CACHE, timeout=3600)
def export_once(path: str):
    import onnxruntime

    return onnxruntime.InferenceSession(path).get_inputs()


@app.function()
async def screenshot(url: str):
    from playwright.async_api import async_playwright

    async with async_playwright() as play:
        browser = await play.chromium.launch()
        page = await browser.new_page()
        await page.goto(url)
        return await page.screenshot()


@app.function(memory=1024)
def seeds(names: list):
    import pandas as pd

    return [len(pd.read_csv(f"/root/seeds/{name}.csv")) for name in names]
