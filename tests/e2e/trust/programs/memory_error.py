import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (600 << 20, 600 << 20))
for _ in range(3):
    try:
        blocks = []
        while True:
            blocks.append(bytearray(10 << 20))
    except MemoryError:
        print("no memory", len(blocks) > 5)
        del blocks
import decimal, threading, time
thread = threading.Thread(target=time.sleep, args=(0.01,))
thread.start()
thread.join()
open("/dev/null").close()
raise MemoryError("at the end")
