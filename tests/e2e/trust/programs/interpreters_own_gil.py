# needs: python>=3.12
import sys, threading
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
code = "import json, collections, string, time\nfor n in range(200): json.dumps([n] * 20)\ntime.sleep(.02)"
def work():
    one = interpreters.create()
    interpreters.run_string(one, code)
    interpreters.destroy(one)
for _ in range(3):
    threads = [threading.Thread(target=work) for _ in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
one = interpreters.create()
try:
    failed = interpreters.run_string(one, "import not_there")
    print(getattr(failed, "msg", "no answer"))
except Exception as error:
    print(type(error).__name__, error)
interpreters.destroy(one)
print("done", len(interpreters.list_all()))
