# needs: file:/usr/lib/x86_64-linux-gnu/libjemalloc.so.2
# preload: /usr/lib/x86_64-linux-gnu/libjemalloc.so.2
import json, os, subprocess, sys, threading
print("jemalloc" in open("/proc/self/maps").read())
blobs = [bytearray(n * 1000) for n in range(1, 200)]
threads = [threading.Thread(target=lambda: [bytes(n) for n in range(5000)]) for _ in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
print(subprocess.run([sys.executable, "-c", "print('jemalloc' in open('/proc/self/maps').read())"], capture_output=True).stdout)
pid = os.fork()
if pid == 0:
    import decimal
    os._exit(4)
print(os.waitpid(pid, 0)[1] >> 8, len(json.dumps(list(range(10000)))))
