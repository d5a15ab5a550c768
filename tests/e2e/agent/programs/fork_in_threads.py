import os, threading, warnings
warnings.simplefilter("ignore")
codes = []
def work():
    for number in range(20):
        pid = os.fork()
        if pid == 0:
            import fractions
            open("/dev/null").close()
            os._exit(5)
        codes.append(os.WEXITSTATUS(os.waitpid(pid, 0)[1]))
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(set(codes)), len(codes))
