from __future__ import annotations

import json
from typing import TYPE_CHECKING

import modal as m
import pandas as pd
import torch as T
from sklearn import linear_model
from scipy import stats as st

try:
    import matplotlib.pyplot as plt
except ImportError:
    plt = None

if TYPE_CHECKING:
    import tensorflow as tf

image = m.Image.debian_slim().uv_pip_install(
    "pandas==2.2.3", "torch==2.5.1", "scikit-learn==1.6.0", "scipy==1.14.1", "matplotlib==3.10.0"
)
app = m.App("imports-top", image=image)


def squared(xs: list):
    return T.tensor(xs).cuda() ** 2


@app.function(gpu="T4")
def powers(xs: list):
    return squared(xs).tolist()


@app.function()
def parse(text: str):
    return json.loads(text)


@app.function(image=image)
def table(rows: list) -> "tf.Tensor":
    return pd.DataFrame(rows).describe().to_dict()


@app.local_entrypoint()
def main():
    print(st.norm.cdf(1.0), linear_model.LinearRegression())
