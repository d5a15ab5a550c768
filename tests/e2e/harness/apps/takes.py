def f(x):
    print("got", x)
