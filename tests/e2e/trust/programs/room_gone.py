# room: gone
import os, shutil
shutil.rmtree(os.environ["COLDSPOT_TEST_ROOM"], ignore_errors=True)
import os, subprocess, sys, threading, time
for n in range(50):
    sys.audit("coldspot.stage", "stage %d" % n)
    open("/etc/passwd").read()
    sys.audit("coldspot.stage.end", "stage %d" % n)
import decimal, json, email.mime.text, http.client
pid = os.fork()
if pid == 0:
    import fractions
    open("/dev/null").close()
    os._exit(5)
print(os.waitpid(pid, 0)[1] >> 8)
print(subprocess.run([sys.executable, "-c", "import asyncio; print(1)"], capture_output=True))
for n in range(3000):
    sys.audit("coldspot.stage", "stage number %d with a long name so that there is something to write" % n)
    sys.audit("coldspot.stage.end", "stage number %d with a long name so that there is something to write" % n)
time.sleep(0.1)
print("done")
