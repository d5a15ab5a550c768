from . import other


def f():
    print("name", __name__, other.VALUE)
