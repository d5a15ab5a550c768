"""Tasks that wait in known places, and one that runs now and then.
usage: waits.py SECONDS [uvloop]
"""
import asyncio
import sys
import time

SECONDS = float(sys.argv[1])


async def fetch():
    await asyncio.sleep(SECONDS)


async def worker():
    await fetch()


async def waits(task):
    await task


async def burner():
    end = time.perf_counter() + SECONDS / 2
    while time.perf_counter() < end:
        sum(range(100000))
        await asyncio.sleep(0)


async def main():
    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(worker(), name=name) for name in ("first", "second", "größer")]
    tasks += [loop.create_task(worker()) for _ in range(2)]
    tasks += [loop.create_task(waits(tasks[0])), loop.create_task(burner(), name="burner")]
    await asyncio.gather(*tasks)


if sys.argv[2:] == ["uvloop"]:
    import uvloop

    uvloop.install()
loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
