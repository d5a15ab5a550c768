import modal

app = modal.App("memory-guessed")


@app.function(memory=16384)
def count(text: str):
    words = {}
    for word in text.split():
        words[word] = words.get(word, 0) + 1
    return words
