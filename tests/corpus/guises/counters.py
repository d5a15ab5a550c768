import threading
from collections import Counter

import modal
from modal import concurrent as many

app = modal.App("counters")
seen = 0
words = {}
lock = threading.Lock()


@app.function()
@many(max_inputs=10)
def count(text: str):
    global seen
    seen += 1
    return seen


@app.function()
@many(max_inputs=10)
def count_locked(text: str):
    global seen
    with lock:
        seen += 1
        return seen


@app.cls()
@many(max_inputs=16)
class Session:
    @modal.enter()
    def start(self):
        self.user = None

    def remember(self, user: str):
        self.user = user

    @modal.method()
    def greet(self, user: str):
        self.remember(user)
        return f"hello {self.user}"

    @modal.exit()
    def stop(self):
        self.user = None


@app.cls()
@many(max_inputs=16)
class Ledger:
    @modal.enter()
    def start(self):
        self.guard = threading.Lock()
        self.total = 0

    @modal.method()
    def add(self, n: int):
        with self.guard:
            self.total += n
            return self.total


@app.function()
@many(max_inputs=16)
def local_only(text: str):
    tally = Counter(text.split())
    best = tally.most_common(1)
    tally["seen"] = 1
    return best


class Result:
    def __init__(self, text: str):
        self.text = text


@app.function()
@many(max_inputs=16)
def wraps(text: str):
    result = Result(text)
    result.text = text.upper()
    return result.text
