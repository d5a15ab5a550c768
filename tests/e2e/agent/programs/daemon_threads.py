import os, sys, threading, time
# Daemon threads wake up while the interpreter is taken apart: their thread states are gone by then.
class Slow:
    def __del__(self, sleep=time.sleep):
        sleep(0.2)
keep = Slow()
sys.modules["kept_until_late"] = keep
read, write = os.pipe()
def sleeps():
    while True:
        time.sleep(0.0015)
def reads():
    while True:
        os.read(read, 1)
def writes():
    while True:
        time.sleep(0.003)
        os.write(write, b"x")
def opens():
    while True:
        open("/etc/passwd").close()
        bytearray(700000)
for target in [sleeps] * 6 + [reads, writes, opens]:
    threading.Thread(target=target, daemon=True).start()
time.sleep(0.05)
print("done")
