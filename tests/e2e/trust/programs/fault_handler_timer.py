# stderr: loose
import faulthandler, signal, sys, threading, time
faulthandler.enable()
faulthandler.register(signal.SIGUSR1, all_threads=True, chain=False)
threading.Thread(target=time.sleep, args=(0.3,), name="sleeper").start()
time.sleep(0.05)
signal.raise_signal(signal.SIGUSR1)
faulthandler.dump_traceback_later(0.05, exit=False)
time.sleep(0.2)
faulthandler.cancel_dump_traceback_later()
print(faulthandler.is_enabled())
