import tracemalloc

import modal

app = modal.App("memory-measured")


@app.function(memory=512)
def count(text: str):
    tracemalloc.start()
    words = {}
    for word in text.split():
        words[word] = words.get(word, 0) + 1
    print(f"peak {tracemalloc.get_traced_memory()[1] / 1e6:.1f} MB")
    tracemalloc.stop()
    return words
