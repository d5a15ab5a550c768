"""200 threads, of which 198 wait."""
import threading
import time

stop = threading.Event()
for _ in range(198):
    threading.Thread(target=stop.wait, daemon=True).start()


def work():
    end, x = time.process_time() + 0.5, 0
    for i in range(4_000_000):
        x += i * i
    return x


thread = threading.Thread(target=work)
thread.start()
print(work())
thread.join()
