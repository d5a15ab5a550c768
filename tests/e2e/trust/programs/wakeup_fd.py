import os, signal, socket, select
left, right = socket.socketpair()
left.setblocking(False)
right.setblocking(False)
signal.set_wakeup_fd(left.fileno())
signal.signal(signal.SIGCHLD, lambda *_: None)
for _ in range(20):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
select.select([right], [], [], 5)
data = right.recv(100)
print(set(data), signal.set_wakeup_fd(-1) == left.fileno())
