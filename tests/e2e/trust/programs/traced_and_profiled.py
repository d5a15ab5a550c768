import cProfile, pstats, sys, tracemalloc, bdb, trace
tracemalloc.start(5)
profile = cProfile.Profile()
profile.enable()
import colorsys, json
json.loads(json.dumps(list(range(1000))))
profile.disable()
names = sorted({name for _, _, name in pstats.Stats(profile).stats})
print([name for name in names if "_find_and_load" in name or name in ("loads", "dumps")])
print(tracemalloc.get_traced_memory()[0] > 0)
counted = trace.Trace(count=1, trace=0)
counted.runfunc(lambda: __import__("stringprep"))
print(len(counted.results().counts) > 0)
seen = []
sys.settrace(lambda frame, event, argument: seen.append((event, frame.f_code.co_name)))
import sched
sys.settrace(None)
print([row for row in seen if row[1] == "<module>"][:2])
