# python: -X dev -W always
import asyncio, os, subprocess, tempfile, threading
open("/dev/null")
asyncio.run(asyncio.sleep(0.01))
with tempfile.NamedTemporaryFile() as file:
    file.write(b"x")
kept = subprocess.Popen(["true"])
kept.wait()
import time
time.sleep(0.1)
