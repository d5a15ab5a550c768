# under: prlimit --as=200000000
import os, threading, time
thread = threading.Thread(target=time.sleep, args=(0.05,))
thread.start()
thread.join()
time.sleep(0.1)  # the kernel counts a joined thread for a moment, and Python warns of it
pid = os.fork()
if pid == 0:
    import decimal
    os._exit(5)
print(os.waitpid(pid, 0)[1] >> 8)
