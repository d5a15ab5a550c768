import sys
def endless(n):
    return endless(n + 1)
try:
    endless(0)
except RecursionError as error:
    print(error)
