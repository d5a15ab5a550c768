import modal
import matplotlib.pyplot as plt
from sklearn.linear_model import Ridge

app = modal.App("plots")


def draw(points):
    plt.scatter(*zip(*points))
    plt.savefig("out.png")


def model_for(rows):
    return Ridge().fit([r[:-1] for r in rows], [r[-1] for r in rows])


@app.function(memory=1024)
def slope(rows: list):
    return model_for(rows).coef_.tolist()


@app.function()
def stamp(name: str):
    return f"{name}-done"


@app.local_entrypoint()
def main():
    draw([(1, 2), (2, 3)])
    print(slope.remote([[1, 2], [2, 4]]), stamp.remote("x"))
