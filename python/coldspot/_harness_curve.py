"""Calls of other sizes than the run's own, for the curves of time over size: batches, and several calls at once.

Loaded by the harness only where the request has a `curve`; `harness` is set by it.
"""

import time


class Curve:
    def __init__(self, run, wanted):
        self.run, self.wanted, self.index = run, wanted, run.request["calls"]

    def check(self):
        """Refuses what this target has no sizes for, before its first hook runs."""
        target = self.run.target
        if target.web:
            raise harness.Problem("bad_request", "%s is a web function: no curve is measured of those" % target.name)
        if self.wanted["batch"] and not target.batch:
            raise harness.Problem("bad_input", "%s is no batched function: there are no batches of it to measure" % target.name)

    def measure(self):
        for size in self.wanted["batch"]:
            self.run.inputs.batch = size
            self.point("batch", size, 1)
        self.run.inputs.batch = self.run.request["batch"] or self.run.target.batch
        for size in self.wanted["concurrency"]:
            self.point("concurrency", size, size)

    def point(self, kind, size, workers):
        """So many callers, each with one call after the other: what each call took."""
        inputs = [[self.next_input() for _ in range(self.wanted["rounds"])] for _ in range(workers)]
        if self.run.target.is_async():
            walls = harness.LOOP.run(self.in_tasks(inputs))
        else:
            walls = [self.timed(*given) for given in inputs[0]] if workers == 1 else self.in_threads(inputs)
        for wall_ns in walls:
            self.run.events.emit({"event": "point", "kind": kind, "size": size, "wall_ns": wall_ns})

    def next_input(self):
        self.index += 1
        return self.run.inputs.at(self.index - 1)

    def timed(self, args, kwargs):
        start = time.perf_counter_ns()
        harness.finish(self.run.target.call(*args, **kwargs))
        return time.perf_counter_ns() - start

    def in_threads(self, inputs):
        import threading

        walls, errors, start = [], [], threading.Barrier(len(inputs))

        def work(mine):
            start.wait()
            try:
                for given in mine:
                    walls.append(self.timed(*given))
            except BaseException as error:  # raised again where the harness tells it
                errors.append(error)

        threads = [threading.Thread(target=work, args=(mine,)) for mine in inputs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]
        return walls

    async def in_tasks(self, inputs):
        import asyncio

        walls = []

        async def work(mine):
            for args, kwargs in mine:
                start = time.perf_counter_ns()
                value = self.run.target.call(*args, **kwargs)
                if type(value) is harness.ASYNC_GENERATOR_TYPE:
                    async for _ in value:
                        pass
                else:
                    await value
                walls.append(time.perf_counter_ns() - start)

        await asyncio.gather(*[work(mine) for mine in inputs])
        return walls
