class App:
    """An ASGI app that knows no lifespan."""

    async def __call__(self, scope, receive, send):
        assert scope["type"] == "http"
        print("asked", scope["path"], scope["query_string"].decode())
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


app = App()
