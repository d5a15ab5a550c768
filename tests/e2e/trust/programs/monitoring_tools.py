# needs: python>=3.12
# A program that takes tool numbers of sys.monitoring: all but 4, which is ours.
import sys
monitoring = sys.monitoring
for tool in (0, 1, 2, 3, 5):
    try:
        monitoring.use_tool_id(tool, "mine%d" % tool)
        print(tool, "mine")
    except ValueError as error:
        print(tool, error)
calls = []
def started(code, offset):
    calls.append(code.co_name)
monitoring.register_callback(0, monitoring.events.PY_START, started)
monitoring.set_events(0, monitoring.events.PY_START)
def one():
    return 1
one(), one()
monitoring.set_events(0, 0)
print(calls.count("one"))
monitoring.restart_events()
one()
for tool in (0, 1, 2, 3, 5):
    monitoring.free_tool_id(tool)
