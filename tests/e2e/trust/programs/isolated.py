# files: names
# python: -I -S -B -W always
import sys, zipfile, runpy, subprocess
print(sys.flags, "site" in sys.modules)
with zipfile.ZipFile("app.zip", "w") as archive:
    archive.writestr("__main__.py", "import inner, sys\nprint(inner.value, __name__, sys.argv[0])\n")
    archive.writestr("inner.py", "value = 5\n")
print(subprocess.run([sys.executable, "-I", "app.zip"], capture_output=True))
print(subprocess.run([sys.executable, "-I", "-"], input=b"import colorsys\nprint(__name__)\n", capture_output=True))
print(subprocess.run([sys.executable, "-I", "-i", "-q", "-c", "x = 1"], input=b"print(x)\n1/0\n", capture_output=True))
print(subprocess.run([sys.executable, "-I", "-m", "json.tool"], input=b"[1]", capture_output=True))
print(subprocess.run([sys.executable, "-I", "-v", "-c", "pass"], capture_output=True).returncode)
print(subprocess.run([sys.executable, "-c", "import sys; print(sys.version_info[0])"], env={"PYTHONMALLOC": "debug", "PYTHONFAULTHANDLER": "1"}, capture_output=True))
for value in ("debug", "malloc", "malloc_debug", "pymalloc_debug"):
    print(subprocess.run([sys.executable, "-X", "dev", "-c", "print(2)"], env={**__import__("os").environ, "PYTHONMALLOC": value}, capture_output=True))
