import os, subprocess, sys
print(subprocess.run(["/bin/echo", "one"], capture_output=True, text=True).stdout)
print(subprocess.check_output("echo two; exit 0", shell=True))
print(subprocess.run("exit 9", shell=True).returncode)
print(subprocess.run(["cat"], input=b"three", stdout=subprocess.PIPE).stdout)
print(subprocess.run(["/bin/true"], close_fds=False).returncode)
print(subprocess.run(["/bin/true"], preexec_fn=lambda: None).returncode)
print(subprocess.run(["/bin/sh", "-c", "kill -9 $$"]).returncode)
print(subprocess.run([sys.executable, "-c", "print('python')"], capture_output=True).stdout)
print(subprocess.run([sys.executable, "-c", "print('no preload')"], capture_output=True, env={}).stdout)
print(os.system("exit 4") >> 8, os.popen("echo popen").read())
try:
    subprocess.run(["/does/not/exist"])
except FileNotFoundError as error:
    print(error)
pid = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 6"], os.environ)
print(os.WEXITSTATUS(os.waitpid(pid, 0)[1]))
process = subprocess.Popen(["sleep", "10"])
process.terminate()
print(process.wait())
try:
    subprocess.run(["sleep", "10"], timeout=0.05)
except subprocess.TimeoutExpired:
    print("timeout")
