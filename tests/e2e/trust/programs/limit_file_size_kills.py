import os, resource, sys, time
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (300000, 300000))
for n in range(30000):
    sys.audit("coldspot.stage", "a stage with quite a long name, number %d" % n)
    sys.audit("coldspot.stage.end", "a stage with quite a long name, number %d" % n)
time.sleep(0.1)
print("only now", flush=True)
with open("big", "wb", 0) as file:
    for _ in range(100):
        file.write(b"x" * 10000)
