import sys
seen = []
sys.addaudithook(lambda event, arguments: seen.append(event) if event in ("import", "open") else None)
import colorsys
open("/dev/null").close()
print(seen.count("import") >= 1, "open" in seen)
sys.audit("coldspot.stage", "mine")
sys.audit("coldspot.stage.end", "mine")
sys.audit("coldspot.stage", 5)
sys.audit("coldspot.stage")
sys.audit("coldspot.call", "no number")
sys.audit("coldspot.phase", "no phase")
sys.audit("coldspot.phase", "bad \udc80")
sys.audit("coldspot.call.end", 3)
print("still here")
