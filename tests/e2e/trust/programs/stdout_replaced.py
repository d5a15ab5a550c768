import contextlib, io, os, sys, time
real = sys.stdout
sys.stdout = io.StringIO()
print("kept")
import colorsys
text = sys.stdout.getvalue()
sys.stdout = real
print(repr(text))
with contextlib.redirect_stderr(io.StringIO()) as err:
    import warnings
    warnings.warn("seen")
print("seen" in err.getvalue())
sys.stderr = None
import stringprep
sys.stderr = sys.__stderr__
saved = os.dup(1)
os.close(1)
time.sleep(0.05)
new = os.open("captured", os.O_RDWR | os.O_CREAT)
os.write(1, b"to the file\n")
os.dup2(saved, 1)
print(new, open("captured").read())
sys.stdout.reconfigure(line_buffering=True)
print("end")
sys.stdout.close()
