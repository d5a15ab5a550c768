import modal

app = modal.App("held-locals")
data = modal.Volume.from_name("data")
DATA = {"/data": data}


@app.function(memory=8192, volumes=DATA)
def counts_then_loads():
    import pandas as pd

    visits = pd.read_parquet("/data/visits.parquet")
    n = len(visits)
    mean = visits.mean()
    buyers = pd.read_parquet("/data/buyers.parquet")
    return n, mean, buyers.groupby("country").size().to_dict()


@app.function(memory=8192, volumes=DATA)
def never_read():
    import pandas as pd

    visits = pd.read_parquet("/data/visits.parquet")
    buyers = pd.read_parquet("/data/buyers.parquet")
    return buyers.groupby("country").size().to_dict()


@app.function(memory=8192, volumes=DATA)
def given_back_first():
    import pandas as pd

    visits = pd.read_parquet("/data/visits.parquet")
    n = len(visits)
    del visits
    buyers = pd.read_parquet("/data/buyers.parquet")
    return n, buyers.groupby("country").size().to_dict()


@app.function(memory=8192, volumes=DATA)
def kept_by_another():
    import pandas as pd

    visits = pd.read_parquet("/data/visits.parquet")
    recent = visits[visits["day"] > 100]
    buyers = pd.read_parquet("/data/buyers.parquet")
    return recent.merge(buyers, on="user").to_dict()


@app.function(memory=8192, volumes=DATA)
def only_looks_whether_it_parses(path: str):
    import pandas as pd

    try:
        rows = pd.read_parquet(path)
    except ValueError:
        return False
    return True
