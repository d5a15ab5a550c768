import os, subprocess, sys
for value in ("/not/there.so", "libm.so.6", ""):
    print(subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True, env={**os.environ, "LD_PRELOAD": value}))
