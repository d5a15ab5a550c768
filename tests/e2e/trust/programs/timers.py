import os, signal, threading, time
seen = {}
def count(number, frame):
    seen[number] = seen.get(number, 0) + 1
for timer, number in ((signal.ITIMER_REAL, signal.SIGALRM), (signal.ITIMER_VIRTUAL, signal.SIGVTALRM), (signal.ITIMER_PROF, signal.SIGPROF)):
    signal.signal(number, count)
    signal.setitimer(timer, 0.002, 0.002)
end = time.monotonic() + 60
while (len(seen) < 3 or min(seen.values()) < 6) and time.monotonic() < end:
    import colorsys
    open("/dev/null").close()
    os.stat("/")
for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
    signal.setitimer(timer, 0)
print(sorted(seen), all(n > 5 for n in seen.values()))
signal.setitimer(signal.ITIMER_REAL, 0.02)
begin = time.monotonic()
time.sleep(0.1)
print(0.09 < time.monotonic() - begin < 5)
class Alarm(Exception):
    pass
def stop(*_):
    raise Alarm
signal.signal(signal.SIGALRM, stop)
for wait in (lambda: time.sleep(10), lambda: threading.Lock().acquire() and threading.Event().wait(10), lambda: os.read(os.pipe()[0], 1),
             lambda: signal.pause(), lambda: os.wait()):
    child = os.fork() if wait.__code__.co_names == ("os", "wait") else 0
    if wait.__code__.co_names == ("os", "wait") and child == 0:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        time.sleep(30)
        os._exit(0)
    signal.setitimer(signal.ITIMER_REAL, 0.03)
    try:
        wait()
        print("not interrupted")
    except Alarm:
        print("interrupted")
    if child:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
