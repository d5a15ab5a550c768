# python: -X faulthandler
# stderr: loose
import ctypes, resource, threading, time
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
time.sleep(0.05)
ctypes.memset(16, 1, 100)
