import modal
import pandas as pd  # coldspot: ignore[heavy-import-unused] a plug-in of the client looks for it

app = modal.App("suppressed")


# coldspot: ignore[CS401] a licence check needs one
@app.function(gpu="T4")
def check(x: str):
    return x.upper()


@app.function(gpu="T4")  # coldspot: ignore[CS4]
def check_again(x: str):
    return x.upper()


@app.function(nonpreemptible=True)  # coldspot: ignore[region-cost]
def stay(x: str):
    return x.upper()
