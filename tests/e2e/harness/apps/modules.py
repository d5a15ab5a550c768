import sys

print("modules", " ".join(sorted(sys.modules)))


def f():
    print("later", " ".join(sorted(sys.modules)))
