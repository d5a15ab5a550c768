"""An event loop that is blocked: by a function for a known time, and before that not at all, by steps and waits of known number.
usage: blocks.py sleeps|runs|plain [uvloop]

    sleeps   0.4 s of time.sleep in a task      runs   0.4 s of CPU in a callback      plain   nothing blocks it
"""
import asyncio
import sys
import time

BLOCKED_S = 0.4


def sleeps():
    time.sleep(BLOCKED_S)


def runs():
    end = time.thread_time() + BLOCKED_S
    while time.thread_time() < end:
        pass


async def many_steps():
    for _ in range(200):
        await asyncio.sleep(0)
    for _ in range(5):
        await asyncio.sleep(0.02)


async def main(mode):
    await many_steps()
    if mode == "sleeps":
        sleeps()
    elif mode == "runs":
        done = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(lambda: done.set_result(runs()))
        await done
    await many_steps()


def between_loops():
    """No loop runs here: nothing is blocked."""
    time.sleep(BLOCKED_S)


if __name__ == "__main__":
    if sys.argv[2:] == ["uvloop"]:
        import uvloop

        uvloop.install()
    loop = asyncio.new_event_loop()
    for _ in range(2):
        loop.run_until_complete(main(sys.argv[1]))
        between_loops()
    loop.close()
