"""Make the models and data sets that the examples use, in examples/assets (about 150 MB).

Deterministic: the same libraries give the same files. What is there already is left alone, unless
this script or a library has changed. Needs the packages of requirements.txt; no network.
"""
import hashlib
import importlib.metadata
import json
import os
import pathlib
import random
import sys
import zlib

import numpy as np

ASSETS = pathlib.Path(__file__).resolve().parent / "assets"


def make_embedder(path):
    """Hashed character trigrams -> a table of random vectors -> four small residual layers ->
    their masked mean, at length 1. Random projections keep likeness: similar texts come out near
    each other."""
    from onnx import TensorProto, helper, numpy_helper, save

    vocab, tokens, width, inner, layers = 4096, 512, 256, 1024, 4
    rng = np.random.default_rng(1)

    def weight(name, *shape):
        values = rng.standard_normal(shape, dtype=np.float32) / np.sqrt(shape[0])
        return numpy_helper.from_array(values.astype(np.float32), name)

    weights = [
        weight("table", vocab, width),
        numpy_helper.from_array(np.array([1], np.int64), "token_axis"),
        numpy_helper.from_array(np.array([2], np.int64), "new_axis"),
    ]
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["h0"]),
        helper.make_node("Cast", ["ids"], ["flag"], to=TensorProto.BOOL),
        helper.make_node("Cast", ["flag"], ["present"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["present", "new_axis"], ["mask"]),
    ]
    for i in range(layers):
        weights += [weight(f"up{i}", width, inner), weight(f"down{i}", inner, width)]
        nodes += [
            helper.make_node("MatMul", [f"h{i}", f"up{i}"], [f"u{i}"]),
            helper.make_node("Relu", [f"u{i}"], [f"r{i}"]),
            helper.make_node("MatMul", [f"r{i}", f"down{i}"], [f"d{i}"]),
            helper.make_node("Add", [f"h{i}", f"d{i}"], [f"h{i + 1}"]),
        ]
    nodes += [
        helper.make_node("Mul", [f"h{layers}", "mask"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "token_axis"], ["sum"], keepdims=0),
        helper.make_node("LpNormalization", ["sum"], ["vector"], axis=1, p=2),
    ]
    graph = helper.make_graph(
        nodes,
        "embedder",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", tokens])],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["batch", width])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    save(model, str(path))


def make_spam(path):
    """Naive Bayes over hashed words and word pairs: one log-odds a bucket."""
    rng = random.Random(2)
    spam = "win free prize click now urgent account offer cash bonus limited winner claim".split()
    ham = "meeting lunch report thanks monday review draft notes agenda call project team".split()
    both = "the a you your we to for and in is please today this that".split()
    seen = np.ones((2, 1 << 22), np.float32)
    for _ in range(20000):
        kind = rng.random() < 0.5
        words = rng.choices(both + (spam if kind else ham) * 2, k=12)
        for feature in words + [a + " " + b for a, b in zip(words, words[1:])]:
            seen[int(kind), zlib.crc32(feature.encode()) % seen.shape[1]] += 1
    with open(path, "wb") as file:
        np.save(file, np.log(seen[1] / seen[0]))


def make_churn(path):
    """A random forest over twelve figures of a customer."""
    import joblib
    from sklearn.ensemble import RandomForestClassifier

    rng = np.random.default_rng(3)
    customers = rng.standard_normal((6000, 12), dtype=np.float32)
    risk = customers[:, 0] - customers[:, 3] * customers[:, 5] + rng.normal(0, 0.7, 6000)
    forest = RandomForestClassifier(n_estimators=150, random_state=3, n_jobs=2)
    forest.fit(customers, risk > 0.8)
    forest.n_jobs = None
    joblib.dump(forest, path, compress=3)


def make_sensors(path):
    """An isolation forest over four readings of a machine."""
    import joblib
    from sklearn.ensemble import IsolationForest

    usual = np.random.default_rng(4).normal([60, 1.2, 230, 0.4], [4, 0.1, 3, 0.05], (4000, 4))
    joblib.dump(IsolationForest(n_estimators=100, random_state=4).fit(usual), path)


def make_orders(path):
    """One month of a shop's orders, about 24 MB of CSV."""
    month = path.stem
    rng = random.Random(month)
    countries = "AT BE BR CA DE DK ES FI FR GB IE IN IT JP MX NL NO PL PT SE US".split()
    words = "leave at the door ring twice gift wrap please call before deliver after six".split()
    notes = [" ".join(rng.choices(words, k=6)) for _ in range(5000)]
    with open(path, "w", encoding="ascii") as file:
        file.write("order_id,placed_at,customer,country,product,quantity,unit_cents,note\n")
        for i in range(230_000):
            r = rng.getrandbits(62)
            file.write(
                f"{month}-{i:07d},{month}-{1 + i * 28 // 230_000:02d} {r % 24:02d}:{r % 59:02d}:00,"
                f"customer-{r % 40009},{countries[r % 21]},product-{r % 997},"
                f"{1 + r % 7},{199 + r % 20011},{notes[r % 5000]}\n"
            )


def make_zones(path):
    """Which delivery zone a postcode lies in, and what a parcel there costs."""
    rng = random.Random(6)
    zones = {
        f"{code:05d}": {
            "zone": rng.randrange(9),
            "cents": rng.randrange(390, 1990),
            "days": rng.randrange(1, 6),
        }
        for code in range(100_000)
    }
    with open(path, "w", encoding="ascii") as file:
        json.dump(zones, file)


MAKERS = {
    "embedder.onnx": make_embedder,
    "spam.npy": make_spam,
    "churn.joblib": make_churn,
    "sensors.joblib": make_sensors,
    "2026-01.csv": make_orders,
    "2026-02.csv": make_orders,
    "2026-03.csv": make_orders,
    "zones.json": make_zones,
}


def what_they_depend_on():
    digest = hashlib.sha256(pathlib.Path(__file__).read_bytes())
    for package in ("numpy", "onnx", "scikit-learn", "joblib"):
        digest.update(f"{package} {importlib.metadata.version(package)}\n".encode())
    digest.update(sys.version.encode())
    return digest.hexdigest()


def main():
    ASSETS.mkdir(exist_ok=True)
    stamp = ASSETS / "stamp"
    made_of = what_they_depend_on()
    current = stamp.exists() and stamp.read_text() == made_of
    for name, make in MAKERS.items():
        path = ASSETS / name
        if current and path.exists():
            continue
        partial = ASSETS / "partial" / name  # an interrupted run leaves no half-made asset
        partial.parent.mkdir(exist_ok=True)
        make(partial)
        os.replace(partial, path)
        print(f"made {name}, {path.stat().st_size / 1e6:.1f} MB")
    if (ASSETS / "partial").exists():
        (ASSETS / "partial").rmdir()
    stamp.write_text(made_of)


if __name__ == "__main__":
    main()
