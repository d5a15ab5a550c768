# needs: file:/usr/lib32/crt1.o, command:cc
import os, subprocess
source = """#include <stdio.h>
int main(int n, char **a) { printf("%s, %d bytes\\n", a[1], (int)sizeof(long)); fflush(stdout); return 7; }
"""
open("w.c", "w").write(source)
subprocess.run(["cc", "-m32", "-o", "w", "w.c"], check=True)
print(subprocess.run(["./w", "child"], capture_output=True))
print(subprocess.run(["/bin/sh", "-c", "./w from-shell; echo $?"], capture_output=True))
print(os.waitpid(os.posix_spawn("./w", ["w", "spawned"], os.environ), 0)[1] >> 8, flush=True)
os.unlink("w.c")
os.execv("./w", ["w", "exec"])
