"""Imports one app file with the real modal package and prints what each function's decorators gave the client, as JSON.

usage: record.py FILE

Run by tests/settings/run in a process of its own for each file.  {"error": ...} when the file can't be imported here.
"""
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import sys
from unittest import mock


class Missing(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands in for packages that are not installed here, so that a file can be imported for its settings alone."""

    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = mock.MagicMock(name=spec.name)
        module.__path__ = []
        module.__name__ = spec.name
        module.__spec__ = spec
        return module

    def exec_module(self, module):
        pass


def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def main(path):
    import modal._functions

    recorded = []
    original = modal._functions._Function._from_local

    def record(info, app, *args, **kwargs):
        if app is not None:
            name = info.function_name
            if info.user_cls is not None and name.endswith(".*"):
                name = name[:-2]
            recorded.append({
                "function": name,
                "gpu": plain(kwargs.get("gpu")),
                "volumes": [str(key) for key in (kwargs.get("volumes") or {})],
                **{key: plain(kwargs.get(key)) for key in (
                    "cpu", "memory", "ephemeral_disk", "min_containers", "max_containers", "buffer_containers",
                    "scaledown_window", "timeout", "startup_timeout", "max_concurrent_inputs", "target_concurrent_inputs",
                    "batch_max_size", "batch_wait_ms", "enable_memory_snapshot", "single_use_containers", "region", "cloud",
                    "nonpreemptible", "is_server")},
            })
        return original(info, app, *args, **kwargs)

    modal._functions._Function._from_local = staticmethod(record)
    sys.meta_path.append(Missing())
    root = os.path.dirname(os.path.abspath(path))
    sys.path.insert(0, root)
    while os.path.exists(os.path.join(root, "__init__.py")):  # a file of a package imports it by its name
        root = os.path.dirname(root)
    sys.path.insert(1, root)
    try:
        spec = importlib.util.spec_from_file_location("recorded_app", path)
        module = importlib.util.module_from_spec(spec)
        sys.modules["recorded_app"] = module
        spec.loader.exec_module(module)
    except BaseException as error:  # the file's own sys.exit included
        print(json.dumps({"error": "%s: %s" % (type(error).__name__, error)}))
        return
    here = os.path.abspath(path)
    print(json.dumps({"functions": recorded, "file": here}))


main(sys.argv[1])
