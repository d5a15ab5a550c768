# needs: command:cc
import os, subprocess, sys
source = """#include <stdio.h>
int main(int n, char **a) { printf("static %s\\n", a[1]); fflush(stdout); return 7; }
"""
open("s.c", "w").write(source)
subprocess.run(["cc", "-static", "-o", "s", "s.c"], check=True)
print(subprocess.run(["./s", "child"], capture_output=True))
print(os.waitpid(os.posix_spawn("./s", ["s", "spawned"], os.environ), 0)[1] >> 8, flush=True)
os.unlink("s.c")
os.execv("./s", ["s", "exec"])
