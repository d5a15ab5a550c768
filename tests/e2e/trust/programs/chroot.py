# needs: root, command:cc
import os, subprocess
open("s.c", "w").write("#include <stdio.h>\nint main(void) { puts(\"inside\"); return 3; }\n")
os.mkdir("jail")
subprocess.run(["cc", "-static", "-o", "jail/s", "s.c"], check=True)
os.unlink("s.c")
os.chroot("jail")
os.chdir("/")
print(os.listdir("/"), os.getcwd())
pid = os.fork()
if pid == 0:
    os.open("/s", os.O_RDONLY)
    os._exit(4)
print(os.waitpid(pid, 0)[1] >> 8, flush=True)
print(os.waitpid(os.posix_spawn("/s", ["/s"], os.environ), 0)[1] >> 8, flush=True)
try:
    import colorsys
except ImportError as error:
    print(error, flush=True)
os.execv("/s", ["/s"])
