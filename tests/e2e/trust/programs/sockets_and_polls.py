# python: -W ignore
import os, select, selectors, socket, threading, time
left, right = socket.socketpair()
left.settimeout(0.02)
for call in (lambda: left.recv(10), lambda: socket.create_connection(("127.0.0.1", 1)), lambda: socket.getaddrinfo("no.such.host.invalid", 80)):
    try:
        call()
    except OSError as error:
        print(type(error).__name__, error)
print(select.select([left], [], [], 0.01), select.poll().poll(5), select.epoll().poll(0.005))
server = socket.create_server(("127.0.0.1", 0))
data = []
def serve():
    one, address = server.accept()
    while piece := one.recv(1 << 16):
        data.append(piece)
    one.shutdown(socket.SHUT_RDWR)
thread = threading.Thread(target=serve)
thread.start()
with socket.create_connection(server.getsockname()) as client, open("blob", "wb+") as file:
    file.write(bytes(range(256)) * 4000)
    file.flush()
    print(os.sendfile(client.fileno(), file.fileno(), 0, 100000), client.sendfile(file))
    client.sendmsg([b"a", b"b"])
    client.send(b"oob")
thread.join()
print(len(b"".join(data)))
os.unlink("blob")
with socket.socket(socket.AF_UNIX) as one:
    one.bind("\0abstract-%d" % os.getpid())
    print(len(one.getsockname()) > 5)
fds = socket.socketpair()
socket.send_fds(fds[0], [b"x"], [1])
print(len(socket.recv_fds(fds[1], 10, 1)[1]))
print(os.get_blocking(0), os.isatty(0), os.pread(os.open("/etc/passwd", 0), 4, 0))
