import modal

app = modal.App("crawler")


@app.function(retries=3)
def crawl(url: str):
    import requests

    return requests.get(url, timeout=20).text


@app.function()
def rates():
    import requests

    return requests.get("https://api.example.com/v1/rates").json()
