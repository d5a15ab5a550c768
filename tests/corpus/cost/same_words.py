"""Regions of a bucket, cores of a pool, a disk that memory pays for anyway: nothing here costs more than it must."""
import modal
from modal import App

app = App("same-words")
PREEMPTIBLE = True
WARM = 0


def quota(nonpreemptible=True, region="eu", min_containers=3, cpu=64):
    return nonpreemptible, region, min_containers, cpu


@app.function(nonpreemptible=not PREEMPTIBLE, secrets=[modal.Secret.from_name("aws")])
def copy(name: str) -> int:
    import boto3

    bucket = boto3.resource("s3", region_name="eu-central-1").Bucket(name)
    return sum(1 for _ in bucket.objects.all()) + len(quota(region="us", nonpreemptible=True))


@app.function(ephemeral_disk=600 * 1024, memory=32 * 1024)
def shuffle(names: list) -> int:
    table = bytearray(24 * 1024**3)
    for name in names:
        table[hash(name) % len(table)] = 1
    return table.count(1)


@app.function(gpu="T4", cpu=4.0)
def score(numbers: list) -> float:
    import torch

    torch.set_num_threads(16)
    return torch.tensor(numbers).cuda().sum().item()


@app.function(cpu=16.0)
def hashes(names: list) -> list:
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(16) as pool:
        return list(pool.map(hash, names))


@app.function(min_containers=1)
def consume(name: str) -> str:
    return name.strip()


@app.function(min_containers=WARM, max_containers=4)
@modal.asgi_app()
def site():
    from fastapi import FastAPI

    return FastAPI()


@app.function(min_containers=0)
@modal.fastapi_endpoint()
def status():
    return {"region": "eu", "nonpreemptible": True}


@app.local_entrypoint()
def main(region: str = "eu", cpu: int = 64):
    print(copy.remote(region), cpu)
