import os, sys
print("first", flush=True)
if len(sys.argv) < 3:
    os.execv(sys.executable, [sys.executable, sys.argv[0], *sys.argv[1:], "again"][:4] + ["again"])
try:
    os.execv("/does/not/exist", ["x"])
except FileNotFoundError as error:
    print(error, flush=True)
os.execlp("echo", "echo", "last")
