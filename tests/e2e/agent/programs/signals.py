import signal, time
hits = []
signal.signal(signal.SIGALRM, lambda *_: hits.append(1))
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
begin = time.monotonic()
while len(hits) < 10:
    time.sleep(0.002)
signal.setitimer(signal.ITIMER_REAL, 0)
print(len(hits) >= 10, 0.05 < time.monotonic() - begin < 5)
signal.signal(signal.SIGPROF, lambda *_: hits.append(2))
signal.setitimer(signal.ITIMER_PROF, 0.01, 0.01)
while 2 not in hits:
    sum(range(1000))
signal.setitimer(signal.ITIMER_PROF, 0)
print(signal.pthread_sigmask(signal.SIG_BLOCK, []), signal.sigtimedwait([signal.SIGUSR1], 0.01))
