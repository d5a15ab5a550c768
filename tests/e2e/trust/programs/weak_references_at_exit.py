import atexit, gc, sys, threading, time, weakref
class Noisy:
    def __del__(self):
        print("del", sys.is_finalizing() if hasattr(sys, "is_finalizing") else "")
keep = Noisy()
atexit.register(print, "atexit one")
atexit.register(lambda: print("atexit two", __import__("colorsys").__name__))
thread = threading.Thread(target=time.sleep, args=(0.05,))
thread.start()
daemon = threading.Thread(target=time.sleep, args=(5,), daemon=True)
daemon.start()
print(gc.get_count() is not None, gc.isenabled(), gc.get_threshold())
sys.exit("a text as exit code")
