from modal import App, Image, concurrent, fastapi_endpoint
import modal as m

MINUTES = 60
image = Image.debian_slim(python_version="3.12").uv_pip_install("httpx==0.28.1", "requests==2.32.3", "fastapi==0.115.6")
service = App("webhooks", image=image)
UPSTREAM = "https://hooks.example.com"
SHARED = dict(timeout=2 * MINUTES, max_containers=40)


@service.function(**SHARED)
@fastapi_endpoint(method="POST")
def relay(event: dict):
    import requests

    return requests.post(f"{UPSTREAM}/in", json=event, timeout=10).json()


def send(event: dict) -> dict:
    import requests as http

    return http.post(UPSTREAM, json=event, timeout=5).json()


@service.function()
@m.fastapi_endpoint(method="POST")
def relay_by_helper(event: dict):
    return send(event)


@service.function()
@concurrent(max_inputs=50)
@fastapi_endpoint(method="POST")
def relay_many(event: dict):
    return send(event)


@service.function(max_containers=1)
@fastapi_endpoint(method="POST")
def relay_in_order(event: dict):
    return send(event)


@service.function(schedule=m.Period(minutes=10))
def poll():
    return send({"kind": "tick"})


@service.function()
async def fetch_status(order: str):
    import httpx

    async with httpx.AsyncClient(base_url=UPSTREAM) as client:
        reply = await client.get(f"/orders/{order}")
        return reply.json()


@service.function()
@m.concurrent(max_inputs=100, target_inputs=80)
async def fetch_many(order: str):
    import httpx

    async with httpx.AsyncClient(base_url=UPSTREAM) as client:
        return (await client.get(f"/orders/{order}")).json()


@service.cls()
class Orders:
    @m.enter()
    async def connect(self):
        import httpx

        self.client = httpx.AsyncClient(base_url=UPSTREAM)

    @m.method()
    async def status(self, order: str):
        reply = await self.client.get(f"/orders/{order}")
        return reply.json()


@service.local_entrypoint()
async def main(order: str = "17"):
    import time

    time.sleep(1)
    print(await fetch_status.remote.aio(order))
