# needs: module:grpc
# python: -W ignore
import os
os.environ["GRPC_VERBOSITY"] = "NONE"  # it logs what it meets on the way down, now and then
import concurrent.futures, grpc, threading
class Handler(grpc.GenericRpcHandler):
    def service(self, details):
        if details.method == "/s/up":
            return grpc.unary_unary_rpc_method_handler(lambda request, context: request.upper())
server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
server.add_generic_rpc_handlers((Handler(),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
    up = channel.unary_unary("/s/up")
    print({up(b"abc") for _ in range(100)})
    try:
        channel.unary_unary("/s/none")(b"")
    except grpc.RpcError as error:
        print(error.code())
server.stop(None).wait()
print("stopped")
