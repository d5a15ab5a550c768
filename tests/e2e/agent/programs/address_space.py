import resource
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
data = bytearray(200 << 20)
try:
    more = bytearray(2 << 30)
except MemoryError:
    print("no memory")
