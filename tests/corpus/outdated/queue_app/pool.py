"""A worker pool of the user's own whose parameters happen to be called as Modal's once were."""


class Pool:
    def __init__(self, keep_warm=0, concurrency_limit=4, container_idle_timeout=60, allow_concurrent_inputs=1):
        self.keep_warm = keep_warm
        self.limit = concurrency_limit
        self.idle = container_idle_timeout
        self.inputs = allow_concurrent_inputs

    def function(self, keep_warm=None, max_inputs=None, mounts=()):
        return lambda f: f

    def cls(self, **settings):
        return lambda c: c

    def lookup(self, app, name):
        return getattr(self, name)

    def copy_local_dir(self, source, target):
        return self


def build(force=False):
    return lambda f: f


def web_endpoint(method="GET"):
    return lambda f: f


def gpu(count=1):
    return f"T4:{count}"
