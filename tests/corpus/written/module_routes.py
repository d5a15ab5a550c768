import asyncio
import time
import modal
import requests
from fastapi import FastAPI

app = modal.App("x")
image = modal.Image.debian_slim(python_version="3.11").uv_pip_install("fastapi==0.115.0", "requests==2.32.3", "joblib==1.4.2", "scikit-learn==1.6.1")
web = FastAPI()


@web.get("/slow")
async def slow():
    time.sleep(2)
    return requests.get("https://example.com").text


@web.get("/load")
def load_each():
    import joblib

    return joblib.load("/m/x.joblib").predict([[1]]).tolist()


@app.function(image=image)
@modal.concurrent(max_inputs=10)
@modal.asgi_app()
def api():
    return web
