# python: -W ignore
import os, threading, time
stop = []
def busy():
    while not stop:
        open("/etc/passwd").read()
        time.sleep(0.0005)
for _ in range(3):
    threading.Thread(target=busy, daemon=True).start()
codes = []
def forker():
    for n in range(15):
        pid = os.fork()
        if pid == 0:
            import fractions
            inner = threading.Thread(target=lambda: open("/dev/null").close())
            inner.start()
            inner.join()
            time.sleep(0.002)
            os._exit(7)
        codes.append(os.waitpid(pid, 0)[1])
threads = [threading.Thread(target=forker) for _ in range(3)]
[t.start() for t in threads]
[t.join() for t in threads]
stop.append(1)
print(set(codes), len(codes))
