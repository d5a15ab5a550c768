import modal

app = modal.App("pages-in-turn")


@app.function()
def page(number: int):
    return number * number


@app.local_entrypoint()
def main():
    total = 0
    for number in range(100):
        total += page.remote(number)
    print(total)
