import modal

app = modal.App("gateway-together")


@app.function()
@modal.concurrent(max_inputs=10)
def handle_request(data: dict):
    import requests

    return requests.post("https://example.com/score", json=data, timeout=20).json()


@app.function(min_containers=2)
@modal.concurrent(max_inputs=10)
def relay(data: dict):
    import requests

    return requests.post("https://example.com/relay", json=data, timeout=20).json()


@app.function()
def render(text: str):
    return text.upper()
