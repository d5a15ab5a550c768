# What a module sees of the frames above it while it is imported.
import inspect, os, sys
sys.dont_write_bytecode = True
open("looks_up.py", "w").write("import inspect, sys\nframes = [(f.function, f.lineno) for f in inspect.stack()]\ndepth = 0\nf = sys._getframe()\n"
                               "while f:\n    depth += 1\n    f = f.f_back\nimport warnings\nwarnings.warn('from the importer', stacklevel=2)\n")
sys.path.insert(0, os.getcwd())
import looks_up
print(looks_up.frames, looks_up.depth)
for name in sorted(sys.modules):
    if name.startswith("_frozen"):
        print(name, sorted(vars(sys.modules[name]))[:3])
