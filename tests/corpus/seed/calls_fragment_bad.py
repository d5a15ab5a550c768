# one call per container: wasteful
@app.function()
def handle_request(data):
    return process(data)


@app.function(
    concurrency_limit=10,  # ten calls per container
    keep_warm=2,
)
def handle_more(data):
    return process(data)


@app.function(concurrency_limit=1)  # each container takes one
def handle_alone(data):
    return process(data)
