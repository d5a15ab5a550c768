import os, subprocess, sys
code = "import os; print('LD_PRELOAD' in os.environ)"
env = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
print(subprocess.run([sys.executable, "-c", code], capture_output=True, env=env))
print(subprocess.run(["env", "-i", sys.executable, "-c", code], capture_output=True))
os.environ.pop("LD_PRELOAD", None)
print(subprocess.run([sys.executable, "-c", code], capture_output=True), flush=True)
os.putenv("LD_PRELOAD", "")
os.execv(sys.executable, [sys.executable, "-c", code])
