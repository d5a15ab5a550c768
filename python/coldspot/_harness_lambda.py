"""The context object of an AWS Lambda handler, with the attributes that handlers use."""

import time

LIMIT_MS = 900_000  # the longest that the platform lets a handler run
MEMORY_MB = "128"  # its smallest size, and its default


class Context:
    def __init__(self, name):
        number = time.time_ns()
        self.function_name = name
        self.function_version = "$LATEST"
        self.invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:" + name
        self.memory_limit_in_mb = MEMORY_MB
        self.aws_request_id = "00000000-0000-4000-8000-%012x" % (number & (1 << 48) - 1)
        self.log_group_name = "/aws/lambda/" + name
        self.log_stream_name = "local/[$LATEST]%032x" % number
        self.identity = None
        self.client_context = None
        self._until = time.monotonic() + LIMIT_MS / 1000

    def get_remaining_time_in_millis(self):
        return max(0, int((self._until - time.monotonic()) * 1000))


def context(name):
    return Context(name)
