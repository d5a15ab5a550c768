import queue, threading, time
out = queue.Queue()
lock, condition, event = threading.Lock(), threading.Condition(), threading.Event()
total = 0
def work(number):
    global total
    event.wait(5)
    for _ in range(1000):
        with lock:
            total += 1
    with condition:
        condition.notify_all()
    out.put(number)
threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
for thread in threads:
    thread.start()
timer = threading.Timer(0.02, event.set)
timer.start()
print(sorted(out.get(timeout=10) for _ in threads), total, threading.active_count() >= 1)
for thread in threads:
    thread.join()
print(lock.acquire(timeout=0.01), lock.acquire(timeout=0.01), event.wait(0.01))
try:
    out.get(timeout=0.01)
except queue.Empty:
    print("empty")
