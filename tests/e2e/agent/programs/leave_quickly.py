import atexit, os
atexit.register(print, "never printed")
os._exit(11)
