"""A function that handles secrets in every way a function does, and keeps what was recorded of it where KEEP says."""
import asyncio
import http.server
import json
import logging
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import threading
import urllib.request


def secrets():
    with open(os.environ["SECRETS"]) as file:
        return json.load(file)


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Set-Cookie", secrets()["response_header"])
        self.end_headers()
        self.wfile.write(secrets()["response_body"].encode())

    def log_message(self, *_):
        pass


def call_server(s):
    server = http.server.HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.handle_request).start()
    request = urllib.request.Request(f"http://127.0.0.1:{server.server_port}/{s['url_path']}?token={s['url_query']}",
                                     data=s["request_body"].encode(), headers={"Authorization": "Bearer " + s["request_header"]})
    urllib.request.urlopen(request).read()
    server.server_close()


def raises(s):
    try:
        raise ValueError(s["exception_caught"])
    except ValueError as error:
        logging.getLogger("app").debug("failed: %s", error)
    try:
        sys.path.insert(0, "/nowhere")
        __import__("json").loads(s["exception_caught"])
    except ValueError:
        pass


async def waits(argument, s):
    await asyncio.sleep(0.05)
    return s["awaited_result"]


async def gathers(s):
    """Tasks that wait for each other, long enough to be sampled."""
    inner = asyncio.create_task(waits(s["coroutine_argument"], s))
    return await asyncio.gather(inner, asyncio.wait_for(waits(argument=s["coroutine_argument"], s=s), 5))


def keep_recording():
    """The agent's directory and the store, with its write-ahead log, as they are now, into fresh directories below KEEP."""
    libraries = os.environ.get("LD_PRELOAD", "").split(":")
    directory = os.path.dirname(next((path for path in libraries if "coldspot" in path), ""))
    if directory:
        shutil.copytree(directory, os.path.join(os.environ["KEEP"], "recording-%d-%d" % (os.getpid(), time.monotonic_ns())),
                        symlinks=True, dirs_exist_ok=True)
    if os.path.isdir(os.environ["STORE"]):
        shutil.copytree(os.environ["STORE"], os.path.join(os.environ["KEEP"], "store-%d" % os.getpid()), dirs_exist_ok=True)


def handles(value=None, fail=False):
    s = secrets()
    assert os.environ["PLANTED"]
    with open(os.environ["PRIVATE"] + "/contents", "r+") as file:
        file.read()
        file.write(s["file_written"])
    with open(os.path.join(os.environ["PRIVATE"], ".netrc")) as file:
        file.read()
    call_server(s)
    raises(s)
    subprocess.run(["/bin/sh", "-c", "true", s["child_argument"]], env={**os.environ, "CHILD": s["child_environment"]}, input=s["child_input"].encode())
    with sqlite3.connect(":memory:") as db:
        db.execute("CREATE TABLE t (x)")
        db.execute("INSERT INTO t VALUES ('%s')" % s["sql_text"])
    left, right = socket.socketpair()
    left.sendall(s["socket_bytes"].encode())
    right.recv(100)
    asyncio.run(gathers(s))
    held = [s["memory_contents"].encode() * 40_000 for _ in range(10)]  # 6 MiB: some of it is sampled, with its call site
    assert held
    scope = {}
    exec(compile("def made(%s='%s'):\n    return 1\nmade()\n" % ("argument", s["default_value"]), "<made>", "exec"), scope)
    for path in (os.environ["PRIVATE"] + "/hidden-" + s["path_name"], "/nowhere/" + s["path_name"]):
        try:
            open(path, "a").close()
        except OSError:
            pass
    try:
        socket.getaddrinfo(s["host_name"] + ".invalid", 443)
    except OSError:
        pass
    keep_recording()
    if fail:
        raise RuntimeError(s["exception_thrown"])
    return {"result": s["result"]}


def lingers(value=None):
    time.sleep(0.5)  # long enough for a line of progress
    return handles(value)


def fails(value=None):
    handles(value, fail=True)


if __name__ == "__main__":
    sys.stdin.read()
    handles(sys.argv[1:])
