"""A function that knows where its time goes: each part measures itself, and the test compares."""
import json
import socket
import threading
import time

from coldspot import stage

import known_import

MEGABYTE = 1 << 20


def burn(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def read_file(path):
    buffer = bytearray(4 * MEGABYTE)
    with open(path, "rb", buffering=0) as file:
        while file.readinto(buffer):
            pass


def download(port):
    buffer = bytearray(MEGABYTE)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        while connection.recv_into(buffer):
            pass


def wait_for_lock(seconds):
    lock = threading.Lock()
    lock.acquire()
    threading.Timer(seconds, lock.release).start()
    lock.acquire()


def work(path, port, truth):
    parts = {
        "sleep": lambda: time.sleep(0.5),
        "burn": lambda: burn(0.5),
        "read": lambda: read_file(path),
        "download": lambda: download(port),
        "allocate": lambda: bytearray(b"x") * (500 * MEGABYTE),
        "lock": lambda: wait_for_lock(0.3),
    }
    took = {"import": known_import.TOOK}
    for name, part in parts.items():
        with stage(name):
            began = time.perf_counter()
            kept = part()
            took[name] = time.perf_counter() - began
        del kept
    with open(truth, "a") as file:
        file.write(json.dumps(took) + "\n")
