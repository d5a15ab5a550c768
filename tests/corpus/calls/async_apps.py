import asyncio
import time

import modal

app = modal.App("async-apps")


@app.function()
def square(x: int):
    return str(x).zfill(4).encode().hex()


@app.function()
@modal.concurrent(max_inputs=100)
async def proxy(url: str):
    import requests

    time.sleep(0.1)
    return requests.get(url).text


@app.function()
@modal.concurrent(max_inputs=10)
async def both(x: int):
    return square.remote(x)


@app.function(memory=256)
@modal.asgi_app()
def web():
    from fastapi import FastAPI

    api = FastAPI()

    @api.get("/slow")
    async def slow():
        time.sleep(1)
        return {}

    @api.get("/threaded")
    def threaded():
        time.sleep(1)
        return {}

    return api


@app.function()
@modal.concurrent(max_inputs=10)
async def fine(x: int, url: str):
    import requests

    await asyncio.sleep(0.1)
    page = await asyncio.to_thread(requests.get, url)
    return page.text, await square.remote.aio(x)


@app.local_entrypoint()
async def main():
    time.sleep(0.1)
    print(square.remote(2))
