@app.function()
@modal.concurrent(max_inputs=10)
def handle_request(data):
    return process(data)


@app.function(max_containers=10, min_containers=2)
@modal.concurrent(max_inputs=10)
def handle_more(data):
    return process(data)
