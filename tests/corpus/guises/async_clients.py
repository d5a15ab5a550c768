import asyncio
import time
from time import sleep as pause

import modal

app = modal.App("async-clients")
image = modal.Image.debian_slim().uv_pip_install("requests==2.32.3", "aiohttp==3.11.11", "psycopg2-binary==2.9.10")


def ask(city: str) -> dict:
    import requests

    return requests.get(f"https://weather.example.com/{city}", timeout=10).json()


@app.function(image=image)
@modal.concurrent(max_inputs=10)
async def weather(city: str):
    return ask(city)


@app.function(image=image)
@modal.concurrent(max_inputs=10)
async def weather_in_thread(city: str):
    return await asyncio.to_thread(ask, city)


@app.function(image=image)
@modal.concurrent(max_inputs=10)
async def weather_in_executor(city: str):
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, lambda: ask(city))


@app.cls(image=image)
@modal.concurrent(max_inputs=10)
class Poller:
    @modal.method()
    async def wait_for(self, job: str):
        for _ in range(20):
            pause(0.5)
        return job

    @modal.method()
    async def wait_well(self, job: str):
        await asyncio.sleep(0.5)

        def backoff(tries: int):
            time.sleep(2**tries)

        await asyncio.to_thread(backoff, 1)
        return job


@app.function(image=image)
@modal.concurrent(max_inputs=4)
def synchronous(city: str):
    time.sleep(0.1)
    return ask(city)


@app.function(image=image)
@modal.concurrent(max_inputs=8)
async def fan_out(cities: list):
    return [weather.remote(city) for city in cities]


@app.function(image=image)
@modal.concurrent(max_inputs=8)
async def fan_out_well(cities: list):
    return await asyncio.gather(*(weather.remote.aio(city) for city in cities))
