"""Pure Python that keeps one core busy: calls, recursion, generators, small objects."""


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def numbers(n):
    for i in range(n):
        yield {"i": i, "text": str(i)}


total = 0
for _ in range(50):
    total += fib(22) + sum(len(row["text"]) for row in numbers(40000))
print(total)
