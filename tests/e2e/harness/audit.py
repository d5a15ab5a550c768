"""Runs the harness with an audit hook that writes down its coldspot events: audit.py LOG HARNESS REQUEST."""

import sys

LOG = sys.argv[1]
writing = []


def hook(event, args):
    if not event.startswith("coldspot.") or writing:
        return
    writing.append(True)
    with open(LOG, "a") as log:  # each time: the functions under test close descriptors
        log.write(" ".join([event[9:]] + [str(a) for a in args]) + "\n")
    writing.pop()


sys.addaudithook(hook)
del sys.argv[:2]  # as the harness would be started
path = sys.argv[0]
sys.path[0] = path.rpartition("/")[0]
with open(path) as file:
    code = compile(file.read(), path, "exec")
exec(code)
