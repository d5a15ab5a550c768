import asyncio, contextvars, sys
value = contextvars.ContextVar("value", default=0)
async def one(n):
    value.set(n)
    for _ in range(5):
        await asyncio.sleep(0)
    reader = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0.001, reader.set_result, n)
    await reader
    return value.get()
async def main():
    asyncio.get_running_loop().slow_callback_duration = 100
    print(sum(await asyncio.gather(*map(one, range(500)))))
    try:
        await asyncio.wait_for(asyncio.sleep(5), 0.01)
    except asyncio.TimeoutError as error:
        print(type(error).__name__)
    process = await asyncio.create_subprocess_shell("echo out; exit 3", stdout=asyncio.subprocess.PIPE)
    print(await process.communicate(), process.returncode)
    await asyncio.to_thread(sum, range(1000))
    task = asyncio.create_task(asyncio.sleep(5))
    await asyncio.sleep(0)
    task.cancel()
asyncio.run(main(), debug=True)
