import importlib, importlib.util, sys, threading, traceback
import json
print(importlib.reload(json) is json, importlib.import_module("json") is json, __import__("os.path").path)
try:
    import does_not_exist
except ImportError:
    traceback.print_exc(file=sys.stdout)
try:
    from json import nothing_like_it
except ImportError as error:
    print(error.name, error.msg.split("(")[0])
try:
    import json.missing
except ImportError as error:
    print(error)
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "made_up":
            return importlib.util.spec_from_loader(name, self)
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        module.value = 42
        if getattr(sys, "boom", False):
            raise ValueError("in the loader")
sys.meta_path.insert(0, Finder())
import made_up
print(made_up.value)
del sys.modules["made_up"]
sys.boom = True
try:
    import made_up
except ValueError:
    traceback.print_exc(file=sys.stdout)
spec = importlib.util.find_spec("colorsys")
spec.loader = importlib.util.LazyLoader(spec.loader)
lazy = importlib.util.module_from_spec(spec)
sys.modules["colorsys"] = lazy
spec.loader.exec_module(lazy)
import colorsys
print(type(colorsys).__name__, colorsys.rgb_to_hsv(1, 0, 0), type(colorsys).__name__)
names = ["xml.dom.minidom", "email.mime.text", "http.client", "sqlite3.dbapi2", "unittest.mock", "logging.config"]
failed = []
def load(name):
    try:
        importlib.import_module(name)
    except Exception as error:
        failed.append(repr(error))
threads = [threading.Thread(target=load, args=(name,)) for name in names * 3]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(failed, all(name in sys.modules for name in names if name != "sqlite3.dbapi2"))
sys.modules["none_module"] = None
try:
    import none_module
except ImportError as error:
    print(type(error).__name__, error)
print(eval("__import__('string').digits"))
