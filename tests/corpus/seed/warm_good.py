import modal

app = modal.App("warm-by-window")


@app.function(min_containers=1, timeout=300)
def thumbnail(picture: bytes):
    return picture[:64]


@app.function(scaledown_window=900, timeout=60)
def preview(picture: bytes):
    return picture[:16]
