import modal

app = modal.App("sharing")
etl = modal.Image.debian_slim().uv_pip_install("pandas==2.2.3", "boto3==1.35.0")
web = modal.Image.debian_slim().uv_pip_install("fastapi==0.115.6").uv_pip_install("pandas==2.2.3")
base = modal.Image.debian_slim().uv_pip_install("scikit-learn==1.6.0")
left = base.uv_pip_install("boto3==1.35.0")
right = base.uv_pip_install("httpx==0.28.1")
same = modal.Image.debian_slim().uv_pip_install("pandas==2.2.3", "boto3==1.35.0").apt_install("git")


@app.function(image=etl, memory=512)
def one(rows: list):
    import boto3  # noqa: F401
    import pandas as pd

    return pd.DataFrame(rows).sum().to_dict()


@app.function(image=web, memory=512)
def two(rows: list):
    import pandas as pd

    return pd.DataFrame(rows).mean().to_dict()


@app.function(image=left, memory=512)
def three(rows: list):
    import boto3  # noqa: F401
    from sklearn.linear_model import Ridge

    return Ridge().fit(rows, rows).score(rows, rows)


@app.function(image=right, memory=512)
def four(rows: list):
    from sklearn.linear_model import Ridge

    return Ridge().fit(rows, rows).score(rows, rows)


@app.function(image=same, memory=512)
def five(rows: list):
    import boto3  # noqa: F401
    import pandas as pd

    return pd.DataFrame(rows).max().to_dict()
