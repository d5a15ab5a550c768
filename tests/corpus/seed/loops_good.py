import modal

app = modal.App("pages-at-once")


@app.function()
def page(number: int):
    return sum(divisor for divisor in range(1, number * 1000) if (number * 1000) % divisor == 0)


@app.local_entrypoint()
def main():
    print(sum(page.map(range(100))))
