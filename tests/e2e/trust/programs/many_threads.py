import threading, time
def work(n):
    time.sleep(0.05)
    open("/dev/null").close()
threads = [threading.Thread(target=work, args=(n,)) for n in range(400)]
[t.start() for t in threads]
[t.join() for t in threads]
for _ in range(2000):
    t = threading.Thread(target=lambda: None)
    t.start()
    t.join()
print("done")
