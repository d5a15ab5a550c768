import sys
order = []
def first(event, arguments):
    if event == "import":
        order.append(("first", arguments[0]))
def refuses(event, arguments):
    if event == "open" and arguments[0] == "/etc/hostname":
        raise PermissionError("a hook says no")
    if event == "import" and arguments[0] == "forbidden_module":
        raise RuntimeError("no such import here")
sys.addaudithook(first)
sys.addaudithook(refuses)
import colorsys
try:
    open("/etc/hostname")
except PermissionError as error:
    print(error)
try:
    import forbidden_module
except RuntimeError as error:
    import traceback
    traceback.print_exc()
seen = []
def everything(event, arguments):
    seen.append(event)
sys.addaudithook(everything)
sys.audit("mine", 1, "two")
import stringprep
print([name for name in seen if name in ("mine", "import", "compile", "exec")].count("mine"), order)
