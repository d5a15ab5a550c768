def f():
    print("name", __name__)
