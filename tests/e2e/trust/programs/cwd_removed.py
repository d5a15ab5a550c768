import os, shutil, subprocess, time
os.mkdir("gone")
os.chdir("gone")
os.rmdir("../gone")
try:
    os.getcwd()
except FileNotFoundError as error:
    print(error)
import colorsys
pid = os.fork()
if pid == 0:
    import decimal
    open("/dev/null").close()
    os._exit(2)
print(os.waitpid(pid, 0)[1] >> 8, subprocess.run(["/bin/true"]).returncode)
os.chdir("/")
print(os.getcwd())
