# needs: root
# room: shared
# The recordings lie on the program's own disk, a small one: they end before it is full.
import os, subprocess, sys
for n in range(60):
    subprocess.run([sys.executable, "-S", "-c", "pass"])
for n in range(20000):
    sys.audit("coldspot.stage", "a stage with a long name, number %d, that fills the disk" % n)
    sys.audit("coldspot.stage.end", "a stage with a long name, number %d, that fills the disk" % n)
with open(os.environ["COLDSPOT_TEST_ROOM"] + "/own", "wb", 0) as file:
    print(sum(file.write(b"x" * 4096) for _ in range(200)))
os.unlink(os.environ["COLDSPOT_TEST_ROOM"] + "/own")
