# needs: module:numpy
# python: -W ignore
import numpy, os, tempfile, threading
a = numpy.random.default_rng(1).random((300, 300))
print(round(float(numpy.linalg.det(a @ a.T / 300)), 12), numpy.linalg.eigvalsh(a @ a.T)[-1])
with tempfile.TemporaryDirectory() as directory:
    path = os.path.join(directory, "a.npy")
    numpy.save(path, a)
    print(numpy.load(path).sum(), numpy.load(path, mmap_mode="r")[5, 5], numpy.fromfile(path, dtype="u1").size)
results = []
threads = [threading.Thread(target=lambda: results.append(float((a @ a).sum()))) for _ in range(6)]
[t.start() for t in threads]
[t.join() for t in threads]
print(len(set(results)), len(results))
pid = os.fork()
if pid == 0:
    os._exit(int((a @ a).shape[0] == 300))
print(os.waitpid(pid, 0)[1] >> 8)
