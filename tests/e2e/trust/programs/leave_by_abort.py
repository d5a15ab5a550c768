import os, resource, threading, time
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
time.sleep(0.05)
print("before", flush=True)
os.abort()
