import json
def deep(n):
    if n:
        return deep(n - 1)
    import not_there.at_all
deep(3)
