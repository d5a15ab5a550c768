def only(x):
    print("only", x)
