@app.function(gpu="A10G")
def process_items(items: list):
    results = []
    for item in items:
        results.append(model.predict(item))
    return results
