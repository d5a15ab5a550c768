import atexit, os, threading, time
atexit.register(print, "never printed")
threading.Thread(target=time.sleep, args=(5,)).start()
print("gone", flush=True)
os._exit(43)
