# needs: root, command:cc
# python: -W ignore
# A dynamic program inside a chroot where our library is not: the loader must not complain about it.
import os, re, shutil, subprocess
open("s.c", "w").write("#include <stdio.h>\nint main(void) { puts(\"inside\"); return 3; }\n")
subprocess.run(["cc", "-o", "s", "s.c"], check=True)
text = subprocess.run(["ldd", "./s"], capture_output=True, text=True, env={}).stdout
os.mkdir("jail")
shutil.move("s", "jail/s")
os.unlink("s.c")
for path in re.findall(r"(/\S+)", text):
    os.makedirs("jail" + os.path.dirname(path), exist_ok=True)
    shutil.copy(path, "jail" + path)
os.chroot("jail")
os.chdir("/")
for spawn in (os.posix_spawn, os.posix_spawnp):
    print(os.waitpid(spawn("/s", ["/s"], os.environ), 0)[1] >> 8, flush=True)
pid = os.fork()
if pid == 0:
    os.execvpe("/s", ["/s"], {**os.environ, "A": "1"})
print(os.waitpid(pid, 0)[1] >> 8, flush=True)
print(subprocess.run(["/s"], capture_output=True))
os.execv("/s", ["/s"])
