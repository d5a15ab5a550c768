import modal

app = modal.App("gateway-alone")


@app.function()
def handle_request(data: dict):
    import requests

    return requests.post("https://example.com/score", json=data, timeout=20).json()


@app.function(max_containers=10)  # 10 calls per container
def relay(data: dict):
    import requests

    return requests.post("https://example.com/relay", json=data, timeout=20).json()


@app.function(max_containers=1)  # one call per container
def render(text: str):
    return text.upper()
