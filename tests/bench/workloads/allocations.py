"""Allocation-heavy numpy and pandas."""
import numpy as np
import pandas as pd

total = 0.0
rng = np.random.default_rng(1)
for i in range(40):
    frame = pd.DataFrame({"key": np.arange(100000) % 97, "value": rng.random(100000)})
    total += frame.groupby("key").value.sum().iloc[3]
    total += sum(float(part.sum()) for part in np.array_split(rng.random((1000, 100)), 500))
print(round(total, 3))
