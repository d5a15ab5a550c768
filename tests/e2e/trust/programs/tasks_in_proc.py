import os, threading
# Tools that count threads see ours too: that cannot be hidden, Python's own count can.
print(threading.active_count(), [thread.name for thread in threading.enumerate()], len(__import__("sys")._current_frames()))
print(open("/proc/self/comm").read())
