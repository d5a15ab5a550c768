# needs: module:gevent
# python: -W ignore
from gevent import monkey
monkey.patch_all()
import gevent, gevent.pool, gevent.event, os, queue, socket, subprocess, threading, time
def echo(server):
    one, _ = server.accept()
    while data := one.recv(1000):
        one.sendall(data.upper())
    one.close()
server = socket.create_server(("127.0.0.1", 0))
job = gevent.spawn(echo, server)
with socket.create_connection(server.getsockname()) as client:
    for n in range(200):
        client.sendall(b"abc%d" % n)
        assert client.recv(100) == b"ABC%d" % n
job.join()
def work(n):
    time.sleep(0.001 * (n % 7))
    import fractions
    open("/etc/passwd").read()
    return n * n
print(sum(gevent.pool.Pool(50).map(work, range(300))))
threads = [threading.Thread(target=work, args=(n,)) for n in range(20)]
[t.start() for t in threads]
[t.join() for t in threads]
print(subprocess.run(["echo", "from a child"], capture_output=True).stdout)
print(gevent.get_hub().threadpool.apply(work, (9,)))
pid = os.fork()
if pid == 0:
    gevent.sleep(0.01)
    os._exit(3)
print(os.waitpid(pid, 0)[1] >> 8)
def deep(n):
    if n:
        return deep(n - 1)
    gevent.sleep(0)
    return 1
print(sum(gevent.pool.Pool(30).map(deep, [n for n in range(100)])))
