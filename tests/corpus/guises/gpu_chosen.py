import modal

app = modal.App("gpu-chosen")
chosen = modal.Image.debian_slim().uv_pip_install("torch==2.5.1")


@app.function(image=chosen)
def later(xs: list):
    import torch

    return torch.tensor(xs, device="cuda").sum().item()


@app.local_entrypoint()
def main():
    print(later.with_options(gpu="L4").remote([1.0]))
