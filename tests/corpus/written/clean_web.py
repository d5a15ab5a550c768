"""Obeys the rules: nothing to find here."""
import asyncio

import modal
from fastapi import FastAPI

app = modal.App("clean-web")
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install("fastapi==0.115.12", "httpx==0.28.1")
web = FastAPI()


@web.get("/fan")
async def fan(n: int = 3):
    import httpx

    async with httpx.AsyncClient() as client:
        pages = await asyncio.gather(*(client.get(f"https://example.com/{i}") for i in range(n)))
    return [p.status_code for p in pages]


@web.get("/job")
async def job(x: int):
    call = await work.spawn.aio(x)
    return {"id": call.object_id}


@app.function(image=image)
def work(x: int) -> list[int]:
    return [i for i in range(x) if i % 7 == 0]


@app.function(image=image, max_containers=5)
@modal.concurrent(max_inputs=100)
@modal.asgi_app()
def site():
    return web
