import time

import modal

app = modal.App("loops")


@app.function()
def page(number: int):
    import urllib.request

    return urllib.request.urlopen(f"https://example.com/{number}").read()


@app.function()
def step(state: dict):
    import json

    return json.loads(json.dumps(state))


@app.function()
def gather(numbers: list):
    return [page.remote(number) for number in numbers]


@app.local_entrypoint()
def main():
    pages = []
    for number in range(200):
        pages.append(page.remote(number))
    state = {}
    for _ in range(10):
        state = step.remote(state)
    for attempt in range(3):
        if page.remote(attempt):
            break
    while not page.remote(0):
        time.sleep(1)
    calls = [page.spawn(number) for number in range(10)]
    print(len(pages), state, [call.get() for call in calls], list(page.map(range(10))))
