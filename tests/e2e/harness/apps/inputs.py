def make_input():
    return [b"bytes"]


def many():
    for i in range(10):
        yield {"x": i}


def broken():
    raise KeyError("x")
