import threading

import modal

app = modal.App("guarded")


@app.cls()
@modal.concurrent(max_inputs=80)
class Guarded:
    @modal.enter()
    def start(self):
        self.total = 0
        self.guard = threading.RLock()

    @modal.method()
    def say(self, text: str) -> int:
        with self.guard:
            self.total += len(text)
            return self.total
