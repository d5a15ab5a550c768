import modal

app = modal.App("warm-by-timeout")


@app.function(timeout=900)  # keeps the container alive between calls
def thumbnail(picture: bytes):
    return picture[:64]


@app.function(timeout=60)
def preview(picture: bytes):
    # this container dies after 60 s
    return picture[:16]
