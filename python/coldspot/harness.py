"""What `coldspot run` starts in the function's Python: python harness.py REQUEST.

It is not compiled to a .pyc as every script is not, so it only loads the module beside it, which is."""

import sys

sys.audit("coldspot.phase", "platform_init")

import _harness  # noqa: E402  (this directory is sys.path[0])

del sys.modules["_harness"]
sys.exit(_harness.main(sys.argv[1]))
