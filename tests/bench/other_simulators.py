"""The plain model (Poisson arrivals, about ten containers, a fixed idle window) in SimPy and in SimFaaS: requests a second."""
import contextlib
import io
import random
import time

import simpy
from simfaas.ServerlessSimulator import ServerlessSimulator
from simfaas.SimProcess import ExpSimProcess


def run_simpy(requests):
    """M/M/10 as SimPy's own examples write it: a resource, and a process a request."""
    environment = simpy.Environment()
    containers = simpy.Resource(environment, capacity=10)
    rng = random.Random(1)

    def call():
        with containers.request() as turn:
            yield turn
            yield environment.timeout(rng.expovariate(1))

    def arrivals():
        for _ in range(requests):
            yield environment.timeout(rng.expovariate(8.5))
            environment.process(call())

    environment.process(arrivals())
    environment.run()


def run_simfaas(requests):
    simulator = ServerlessSimulator(arrival_process=ExpSimProcess(rate=8.5), warm_service_process=ExpSimProcess(rate=1),
                                    cold_service_process=ExpSimProcess(rate=0.2), expiration_threshold=60, max_time=requests / 8.5)
    simulator.generate_trace(debug_print=False, progress=False)


for name, run, requests in (("SimPy 4.1.2, M/M/10", run_simpy, 100000), ("SimFaaS 0.2.2, window 60 s", run_simfaas, 20000)):
    start = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        run(requests)
    print(f"{name:<68} {requests / (time.process_time() - start) / 1e6:6.3f} M requests a second")
