"""A module that takes its time: a nap and a bit of work."""
import time

began = time.perf_counter()
time.sleep(0.15)
end = time.thread_time() + 0.15
while time.thread_time() < end:
    pass
TOOK = time.perf_counter() - began
