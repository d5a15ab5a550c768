# Frames, code objects and modules that come and go under the sampler.
import sys, threading, time, types
stop = time.monotonic() + 0.5
def churn(seed):
    n = 0
    while time.monotonic() < stop:
        scope = {}
        exec(compile("def f(x):\n return g(x) if x else 0\ndef g(x):\n return f(x - 1)\n", "<made %d>" % n, "exec"), scope)
        scope["f"](150)
        n += 1
    return n
threads = [threading.Thread(target=churn, args=(n,)) for n in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
print("done")
