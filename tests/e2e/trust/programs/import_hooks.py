import _frozen_importlib, builtins, importlib, importlib.abc, importlib.machinery, os, sys, traceback
real = builtins.__import__
asked = []
def spy(name, *arguments, **keywords):
    asked.append(name)
    return real(name, *arguments, **keywords)
builtins.__import__ = spy
import colorsys
from os import path
builtins.__import__ = real
print(asked)
find = _frozen_importlib._find_and_load
asked = []
def found(name, importer):
    asked.append(name)
    return find(name, importer)
_frozen_importlib._find_and_load = found
import stringprep
import netrc
_frozen_importlib._find_and_load = find
print("stringprep" in asked, "netrc" in asked)
import sched
print("sched" in asked)
class Loader(importlib.machinery.SourceFileLoader):
    def exec_module(self, module):
        module.hooked = True
        super().exec_module(module)
def hook(path):
    if not path.endswith("mine"):
        raise ImportError
    return importlib.machinery.FileFinder(path, (Loader, [".py"]))
os.mkdir("mine")
open("mine/hooked_one.py", "w").write("def fail():\n    raise ValueError('inside')\n")
sys.path_hooks.insert(0, hook)
sys.path.insert(0, os.path.abspath("mine"))
sys.dont_write_bytecode = True
import hooked_one
print(hooked_one.hooked)
try:
    hooked_one.fail()
except ValueError:
    traceback.print_exc()
importlib.reload(hooked_one)
open("mine/broken.py", "w").write("import hooked_one\nhooked_one.fail()\n")
importlib.invalidate_caches()
try:
    import broken
except ValueError:
    traceback.print_exc()
print("broken" in sys.modules)
open("mine/circle_a.py", "w").write("import circle_b\nx = 1\n")
open("mine/circle_b.py", "w").write("from circle_a import x\n")
importlib.invalidate_caches()
try:
    import circle_a
except ImportError as error:
    print(error.msg.split("(/")[0])
open("mine/syntax.py", "w").write("def (:\n")
importlib.invalidate_caches()
try:
    import syntax
except SyntaxError:
    traceback.print_exc()
class Meta(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "raises_in_finder":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Meta())
try:
    import raises_in_finder
except KeyboardInterrupt:
    traceback.print_exc()
