"""What a shop took in a month, by country, from the month's CSV of orders."""
from collections import Counter
from pathlib import Path

import modal
import pandas as pd

MINUTES = 60
ASSETS = Path(__file__).parent.parent / "assets"  # in the container: /assets
COLUMNS = ["country", "quantity", "unit_cents"]

image = (
    modal.Image.debian_slim(python_version="3.11")
    .uv_pip_install("pandas==3.1.1")
    .add_local_dir(ASSETS, "/assets", ignore=["*", "!*.csv"])
)
app = modal.App("orders-fast", image=image)


@app.function(cpu=1.0, memory=128, timeout=10 * MINUTES)
def revenue(month: str) -> dict[str, int]:
    total = Counter()
    with pd.read_csv(ASSETS / f"{month}.csv", usecols=COLUMNS, chunksize=10_000) as chunks:
        for chunk in chunks:
            cents = chunk["quantity"] * chunk["unit_cents"]
            total.update(cents.groupby(chunk["country"]).sum().to_dict())
    return dict(total)
