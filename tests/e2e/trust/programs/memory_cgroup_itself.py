# cgroup: 60
print("before", flush=True)
data = []
while True:
    data.append(b"x" * (1 << 20))
