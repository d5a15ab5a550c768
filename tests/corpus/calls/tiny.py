import modal

app = modal.App("tiny")


@app.function()
def square(x: int):
    return x**2


@app.function()
def is_even(x: int):
    return int(x) % 2 == 0


@app.function()
def shout(x: str):
    return x + "!"


@app.function()
def slow(x: int):
    total = 0
    for i in range(10**7):
        total += i * x
    return total


@app.local_entrypoint()
def main(numbers: str = "1,2"):
    print(sum(square.map(range(100_000))))
    print(list(is_even.map(numbers.split(","))))
    print(list(shout.map(["a", "b"])))
    print(list(slow.map(range(1000))))
