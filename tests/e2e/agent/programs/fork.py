import os, sys, warnings
print("before", flush=True)
codes = []
for number in range(3):
    pid = os.fork()
    if pid == 0:
        print("child", number, flush=True)
        if number == 1:
            sys.exit(7)
        os._exit(number)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if hasattr(os, "waitstatus_to_exitcode") else 0)
print(codes)
