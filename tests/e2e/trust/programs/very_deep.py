import sys, time, threading
sys.setrecursionlimit(20000)
threading.stack_size(256 << 20)
def deep(n):
    if n == 0:
        time.sleep(0.05)
        return 0
    return 1 + deep(n - 1)
result = []
thread = threading.Thread(target=lambda: result.append(deep(15000)))
thread.start()
thread.join()
print(result)
def generators(n):
    if n:
        yield from generators(n - 1)
    yield n
print(sum(generators(500)))
