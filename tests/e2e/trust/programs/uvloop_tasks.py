# needs: module:uvloop
# python: -W ignore
import asyncio, sys, uvloop
async def serve(reader, writer):
    while data := await reader.readline():
        writer.write(data.upper())
        await writer.drain()
    writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    for n in range(300):
        writer.write(b"line %d\n" % n)
        assert await reader.readline() == b"LINE %d\n" % n
    writer.close()
    process = await asyncio.create_subprocess_exec("cat", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    print((await process.communicate(b"through cat"))[0], process.returncode)
    print(await asyncio.get_running_loop().run_in_executor(None, lambda: open("/etc/hostname").read() != ""))
    print(len(await asyncio.get_running_loop().getaddrinfo("127.0.0.1", 80)) > 0)
    print(sum(await asyncio.gather(*[asyncio.sleep(0.001 * n, n) for n in range(50)])))
    server.close()
uvloop.install()
asyncio.run(main())
