import atexit, threading, time, weakref
atexit.register(print, "registered first")
atexit.register(print, "registered second")
class Thing:
    def __del__(self):
        print("deleted")
thing = Thing()
def late():
    time.sleep(0.05)
    print("a thread ends")
threading.Thread(target=late).start()
threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
print("end of main")
