import http.server, socket, threading, urllib.request
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"x" * 100000)
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
for _ in range(3):
    print(len(urllib.request.urlopen("http://127.0.0.1:%d/secret" % server.server_port, timeout=5).read()))
server.shutdown()
one = socket.socket()
one.settimeout(0.05)
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
listener.settimeout(0.02)
try:
    listener.accept()
except OSError as error:
    print(type(error).__name__)
try:
    socket.create_connection(("127.0.0.1", 1), timeout=1)
except OSError as error:
    print(error)
try:
    socket.getaddrinfo("does-not-exist.invalid", 80)
except OSError as error:
    print(type(error).__name__)
left, right = socket.socketpair()
left.sendall(b"abc")
print(right.recv(10))
