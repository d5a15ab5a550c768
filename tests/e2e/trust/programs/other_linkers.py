# needs: command:musl-gcc
import os, shutil, subprocess, sys
source = """#include <stdio.h>
int main(int n, char **a) { printf("%s %d\\n", a[1], n); fflush(stdout); return 7; }
"""
open("m.c", "w").write(source)
subprocess.run(["musl-gcc", "-o", "dynamic", "m.c"], check=True)
subprocess.run(["musl-gcc", "-static", "-o", "static", "m.c"], check=True)
open("script", "w").write("#!%s/dynamic option\n" % os.getcwd())
os.chmod("script", 0o755)
os.mkdir("bin")
os.symlink("../dynamic", "bin/on-path")
for name in ("dynamic", "static", "script"):
    path = os.path.abspath(name)
    print(subprocess.run([path, "child"], capture_output=True), flush=True)
    print(subprocess.run(["/bin/sh", "-c", path + " from-shell; echo $?"], capture_output=True), flush=True)
    print(os.waitpid(os.posix_spawn(path, [name, "spawned"], os.environ), 0)[1] >> 8, flush=True)
os.environ["PATH"] += ":" + os.path.abspath("bin")
print(subprocess.run(["env", "on-path", "by-env"], capture_output=True), flush=True)
print(os.waitpid(os.posix_spawnp("on-path", ["on-path", "spawned"], os.environ), 0)[1] >> 8, flush=True)
shutil.rmtree("bin")
for name in ("m.c", "static", "script"):
    os.unlink(name)
if os.execve in os.supports_fd:
    fd = os.open("dynamic", os.O_RDONLY)
    os.unlink("dynamic")
    os.execve(fd, ["dynamic", "by-descriptor"], os.environ)
