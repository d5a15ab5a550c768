# cgroup: 60
# The kernel kills the child that takes more than the group may have; the parent goes on.
import os
pid = os.fork()
if pid == 0:
    open("/proc/self/oom_score_adj", "w").write("900")
    data = []
    while True:
        data.append(b"x" * (1 << 20))
print(os.waitpid(pid, 0)[1])
small = bytearray(5 << 20)
print("parent lives")
