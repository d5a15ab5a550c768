"""What a shop took in a month, by country, from the month's CSV of orders."""
from pathlib import Path

import modal
import pandas as pd

MINUTES = 60
ASSETS = Path(__file__).parent.parent / "assets"  # in the container: /assets

image = (
    modal.Image.debian_slim(python_version="3.11")
    .uv_pip_install("pandas==3.1.1")
    .add_local_dir(ASSETS, "/assets", ignore=["*", "!*.csv"])
)
app = modal.App("orders", image=image)


@app.function(cpu=1.0, memory=256, timeout=10 * MINUTES)
def revenue(month: str) -> dict[str, int]:
    table = pd.read_csv(ASSETS / f"{month}.csv")
    table["cents"] = table["quantity"] * table["unit_cents"]
    return table.groupby("country")["cents"].sum().to_dict()
