"""A slowish download mirror on loopback, for examples that fetch a file when they start.

It stands for a model hub or a bucket elsewhere: a process of its own that answers GET with one
file of a folder, after a short delay and at a fixed rate, and that ends with the process that
started it, however that one ends (it holds the other end of a pipe, which then closes).
"""
import os
import select
import socket
import sys
import time

LATENCY_S = 0.01
CHUNK = 64 * 1024


def serve(folder, port, mb_per_s):
    """Start a mirror of `folder`; answers its URL. Downloads may begin at once: the listening
    socket exists before the process that answers it does."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:  # another run holds the usual port
        listener.bind(("127.0.0.1", 0))
    listener.listen()
    read_end, _lifeline = os.pipe()  # ours stays open for as long as we live
    for fd in (listener.fileno(), read_end):
        os.set_inheritable(fd, True)
    os.posix_spawn(
        sys.executable,
        [sys.executable, "-I", "-S", __file__, str(listener.fileno()), str(read_end)]
        + [str(folder), str(mb_per_s)],
        {},
        file_actions=[(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)],
    )
    url = "http://127.0.0.1:%d" % listener.getsockname()[1]
    os.close(read_end)
    listener.close()
    return url


def answer(connection, folder, bytes_per_s):
    request = b""
    while b"\r\n\r\n" not in request:
        part = connection.recv(4096)
        if not part:
            return
        request += part
    name = os.path.basename(request.split(b" ", 2)[1].decode("ascii", "replace"))
    time.sleep(LATENCY_S)
    try:
        file = open(os.path.join(folder, name), "rb")
    except OSError:
        connection.sendall(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        return
    with file:
        size = os.fstat(file.fileno()).st_size
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        begun, sent = time.monotonic(), 0
        while part := file.read(CHUNK):
            connection.sendall(part)
            sent += len(part)
            early = begun + sent / bytes_per_s - time.monotonic()
            if early > 0:
                time.sleep(early)


def main(listener_fd, lifeline_fd, folder, mb_per_s):
    listener, lifeline = socket.socket(fileno=int(listener_fd)), int(lifeline_fd)
    while lifeline not in select.select([listener, lifeline], [], [])[0]:
        connection = listener.accept()[0]
        try:
            with connection:
                answer(connection, folder, float(mb_per_s) * 1e6)
        except OSError:
            pass  # the client went away


if __name__ == "__main__":
    main(*sys.argv[1:])
