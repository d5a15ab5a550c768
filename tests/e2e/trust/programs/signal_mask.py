import os, signal, threading, time
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGTERM])
os.kill(os.getpid(), signal.SIGUSR1)
time.sleep(0.05)
print(sorted(signal.sigpending()), signal.sigwait([signal.SIGUSR1]))
taken = []
signal.signal(signal.SIGUSR2, lambda *_: taken.append(threading.current_thread().name))
for _ in range(200):
    os.kill(os.getpid(), signal.SIGUSR2)
time.sleep(0.05)
print(set(taken), len(taken) >= 1)
print([signal.getsignal(n) for n in (signal.SIGSEGV, signal.SIGBUS, signal.SIGPROF, signal.SIGALRM, signal.SIGCHLD, signal.SIGXFSZ, signal.SIGPIPE)])
print(signal.sigtimedwait([signal.SIGTERM], 0.02))
