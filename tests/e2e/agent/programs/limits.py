import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))
import signal, tempfile
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with tempfile.TemporaryFile() as file:
    try:
        file.write(b"x" * 20000)
        file.flush()
    except OSError as error:
        print(error)
kept = []
try:
    while True:
        kept.append(open("/dev/null"))
except OSError as error:
    print(len(kept), error)
