import os, resource, signal, subprocess, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    with open("big", "wb") as file:
        for _ in range(100):
            file.write(b"x" * 10000)
            file.flush()
except OSError as error:
    print(error, os.stat("big").st_size)
for n in range(20000):
    sys.audit("coldspot.stage", "s%d" % n)
    sys.audit("coldspot.stage.end", "s%d" % n)
print(subprocess.run([sys.executable, "-c", "import json; print(1)"], capture_output=True))
pid = os.fork()
if pid == 0:
    import decimal
    os._exit(3)
print(os.waitpid(pid, 0)[1] >> 8)
