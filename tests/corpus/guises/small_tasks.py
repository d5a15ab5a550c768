from modal import App, Function

batch = App(name="small-tasks")
SIZE = 10 * 1000


@batch.function()
def celsius(f: float) -> float:
    return (f - 32) * 5 / 9


@batch.function()
def label(n: int) -> str:
    return f"row-{n:08d}"


@batch.function()
def page(n: int) -> int:
    import requests

    return requests.get(f"https://example.com/page/{n}", timeout=10).status_code


def crunch(n: int) -> int:
    return sum(i * i for i in range(n * 1_000_000))


@batch.function()
def deep(n: int) -> int:
    return crunch(n)


@batch.function()
def add(a: int, b: int) -> int:
    return a + b


@batch.local_entrypoint()
def main():
    print(list(celsius.map(range(SIZE))))
    for name in label.map(range(500)):
        print(name)
    print(list(page.map(range(SIZE))))
    print(list(deep.map(range(SIZE))))
    print(list(add.starmap([(1, 2), (3, 4)])))
    print(list(map(str, range(SIZE))))
