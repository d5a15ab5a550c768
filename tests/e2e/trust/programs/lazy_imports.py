import importlib.util, sys
class Lazy:
    def find_spec(self, name, path=None, target=None):
        for finder in sys.meta_path:
            if finder is not self and hasattr(finder, "find_spec"):
                spec = finder.find_spec(name, path, target)
                if spec:
                    if spec.loader and name in ("colorsys", "xml.dom.minidom", "decimal"):
                        spec.loader = importlib.util.LazyLoader(spec.loader)
                    return spec
sys.meta_path.insert(0, Lazy())
import colorsys, decimal
import xml.dom.minidom
print(type(colorsys), type(xml.dom.minidom))
print(colorsys.rgb_to_hsv(0.5, 0.2, 0.1), decimal.Decimal(1) / 3, xml.dom.minidom.parseString("<a/>").toxml())
print(type(colorsys))
import importlib
print(importlib.reload(colorsys) is colorsys, importlib.reload(importlib) is importlib)
for _ in range(50):
    importlib.reload(sys.modules["decimal"])
def __getattr__(name):
    if name == "late":
        return importlib.import_module("stringprep")
    raise AttributeError(name)
print(sys.modules["__main__"].late.__name__)
