import modal

from .upstream import forward, forward_async

app = modal.App("gateway")
image = modal.Image.debian_slim().uv_pip_install("requests==2.32.3", "httpx==0.28.1")


@app.function(image=image)
@modal.fastapi_endpoint(method="POST")
def ingress(body: dict):
    return forward(body)


@app.function(image=image)
@modal.fastapi_endpoint(method="POST")
async def ingress_async(body: dict):
    return await forward_async(body)


@app.function(image=image)
@modal.fastapi_endpoint()
def health():
    return {"ok": True}


@app.function(image=image)
@modal.concurrent(max_inputs=20)
@modal.fastapi_endpoint(method="POST")
async def mixed(body: dict):
    return forward(body)
