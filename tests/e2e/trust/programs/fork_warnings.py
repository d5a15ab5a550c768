# python: -W always
# Python 3.12 and later warn when a process with threads forks; ours is not to be one of them.
import multiprocessing, os, subprocess, sys, time
time.sleep(0.1)
for n in range(20):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    time.sleep(0.02 * (n % 4))
pid, fd = os.forkpty()
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
if __name__ == "__main__":
    process = multiprocessing.get_context("fork").Process(target=time.sleep, args=(0.01,))
    process.start()
    process.join()
print("no warning", file=sys.stderr)
