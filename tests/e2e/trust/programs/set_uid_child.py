# needs: root, command:cc, command:setpriv
import os, subprocess
open("s.c", "w").write("#include <stdio.h>\n#include <unistd.h>\nint main(void) { printf(\"%d %d\\n\", getuid(), geteuid()); return 3; }\n")
subprocess.run(["cc", "-o", "s", "s.c"], check=True)
os.unlink("s.c")
os.chmod("s", 0o4755)
print(subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", "./s"], capture_output=True))
print(subprocess.run(["./s"], capture_output=True))
