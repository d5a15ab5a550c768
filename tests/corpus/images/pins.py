import modal

app = modal.App("pins")
loose = modal.Image.debian_slim().uv_pip_install("polars", "httpx>=0.27")
older = modal.Image.debian_slim().pip_install("polars==1.17.1")
both = modal.Image.debian_slim().pip_install("polars", extra_options="--no-deps")
exact = modal.Image.debian_slim().uv_pip_install("polars==1.17.1", "git+https://example.com/x/y@v1.2.0", "httpx~=0.27.0")


@app.function(image=loose)
def a(xs: list):
    import polars

    return polars.Series(xs).sum()


@app.function(image=older)
def b(xs: list):
    import polars

    return polars.Series(xs).sum()


@app.function(image=both)
def c(xs: list):
    import polars

    return polars.Series(xs).sum()


@app.function(image=exact)
def d(xs: list):
    import polars

    return polars.Series(xs).sum()
