import resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, resource.RLIM_INFINITY))
print("before", flush=True)
class Deep:
    def __repr__(self):
        return repr(self)
try:
    repr(Deep())
except RecursionError as error:
    print(type(error).__name__, flush=True)
import threading
threading.stack_size(64 << 10)
def deep(n):
    return deep(n - 1) if n else 0
result = []
thread = threading.Thread(target=lambda: result.append(deep(50)))
thread.start()
thread.join()
print(result)
