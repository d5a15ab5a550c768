# under: prlimit --nofile=20
import os, subprocess, threading, time
time.sleep(0.1)
held = []
try:
    while True:
        held.append(os.open("/dev/null", os.O_RDONLY))
except OSError as error:
    print(error, held)
try:
    import decimal
    print("imported")
except (ImportError, OSError) as error:
    print(type(error).__name__)
thread = threading.Thread(target=time.sleep, args=(0.05,))
thread.start()
thread.join()
for fd in held:
    os.close(fd)
print(subprocess.run(["/bin/echo", "x"], capture_output=True).stdout)
pid = os.fork()
if pid == 0:
    import fractions
    try:
        while True:
            os.open("/dev/null", os.O_RDONLY)
    except OSError as error:
        os._exit(error.errno)
print(os.waitpid(pid, 0)[1] >> 8)
