import os, random, secrets, uuid
random.seed(5)
print(random.random(), [random.getrandbits(32) for _ in range(3)], hash(("a", 1)) == hash(("a", 1)))
print(len(os.urandom(10)), len(secrets.token_bytes(4)), uuid.uuid5(uuid.NAMESPACE_DNS, "x"), os.nice(0), os.getpriority(os.PRIO_PROCESS, 0))
print(os.sched_getaffinity(0) == os.sched_getaffinity(os.getppid()), os.getpgrp() == os.getpid(), os.times().user >= 0)
print([os.sysconf(n) for n in ("SC_OPEN_MAX", "SC_PAGE_SIZE")], __import__("resource").getrlimit(7))
