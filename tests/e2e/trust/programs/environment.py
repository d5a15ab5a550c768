import os, sys
for name in sorted(os.environ):
    if name != "LD_PRELOAD" and not name.startswith("COLDSPOT_TEST"):
        print(name, os.environ[name])
print(sys.argv[1:], sys.flags, sys.path, sorted(sys.modules), [str(finder).split(" at ")[0] for finder in sys.meta_path], len(sys.path_hooks), os.getcwd(), os.umask(0))
print(sys.getrecursionlimit(), sys.getswitchinterval(), sys.gettrace(), sys.getprofile(), sorted(vars(sys.modules["builtins"])))
