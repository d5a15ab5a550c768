import modal

app = modal.App("beliefs")
KEEP_ALIVE = 20 * 60


@app.function(timeout=60)
def process(text: str):
    # the container dies after 60 s
    return text.upper()


@app.function(timeout=KEEP_ALIVE)
def polish(text: str):
    return text.strip()


@app.function(
    # a slow upstream: give it two minutes
    timeout=120,
)
def patient(text: str):
    return text.title()


@app.function(timeout=600, scaledown_window=600)  # stays warm for ten minutes
def knows(text: str):
    return text.lower()


@app.function(max_containers=8)
def handle(text: str):
    # up to 8 concurrent requests in each container
    return text[::-1]


@app.function(
    concurrency_limit=20,  # calls at once per container
)
def handle_more(text: str):
    return text * 2


@app.function(max_containers=3)  # the upstream API allows three connections
def careful(text: str):
    return text + "!"


@app.function(max_containers=1)
def alone(text: str):
    return text + "?"
