import ctypes, resource, time
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
time.sleep(0.05)
print("before", flush=True)
ctypes.string_at(8)
