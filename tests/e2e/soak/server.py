"""An asyncio server that keeps threads busy: a line with a number comes in, a line with a digest goes out.  Says its port first
and ends when its standard input does; what it holds is bounded, so that growth is not its own."""
import asyncio
import concurrent.futures
import hashlib
import json
import sys
import threading

POOL = concurrent.futures.ThreadPoolExecutor(4)


def digest(number):
    data = json.dumps({"number": number, "items": list(range(number % 200))}).encode()
    for _ in range(20):
        data = hashlib.sha256(data).digest()
    return data.hex()


async def compute(number):
    return await asyncio.get_running_loop().run_in_executor(POOL, digest, number)


async def pause(number):
    await asyncio.sleep(0.001)
    return sum(x * x for x in range(number % 500))


async def answer(reader, writer):
    while line := await reader.readline():
        number = int(line)
        task = asyncio.create_task(pause(number), name=f"pause-{number % 10}")
        writer.write(f"{await compute(number)} {await task}\n".encode())
        await writer.drain()
    writer.close()


def churn(stop):
    """Threads that come and go, each with code that is compiled anew and freed."""
    number = 0
    while not stop.wait(0.02):
        number += 1
        scope = {}
        exec(compile(f"def made(x):\n    return sum(range(x))  # {number}\n", "<made>", "exec"), scope)
        thread = threading.Thread(target=scope["made"], args=(20_000,))
        thread.start()
        thread.join()


async def main():
    stop = threading.Event()
    churner = threading.Thread(target=churn, args=(stop,))
    churner.start()
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    stop.set()
    churner.join()
    server.close()


asyncio.run(main())
