"""Imports that look idle and are not: base classes, defaults, annotations, re-exports, side effects."""
from typing import TYPE_CHECKING

import modal
import numpy as np
import pandas as pd
import torch
import seaborn  # noqa: F401  registers its styles

if TYPE_CHECKING:
    import scipy

app = modal.App("tricky")


class Net(torch.nn.Module):
    def forward(self, x):
        return x * 2


def scale(x, by=np.float32(2)):
    return x * by


@app.function()
def frame(rows: "list") -> pd.DataFrame:
    return rows


@app.function()
def twice(x: float):
    return float(scale(x))


@app.function()
def label(m: "scipy.sparse.csr_matrix"):
    return str(m)
