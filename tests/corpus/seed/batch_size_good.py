import modal

app = modal.App("sums-by-memory")


@app.function(gpu="L40S")
def sums(items: list):
    import torch

    memory_gb = torch.cuda.get_device_properties(0).total_memory / 1e9
    if memory_gb >= 40:
        batch_size = 128
    elif memory_gb >= 20:
        batch_size = 64
    else:
        batch_size = 32
    results = []
    for start in range(0, len(items), batch_size):
        results.extend(torch.tensor(items[start : start + batch_size]).cuda().sum(dim=1).tolist())
    return results
