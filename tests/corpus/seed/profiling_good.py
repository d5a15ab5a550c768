import subprocess
import time

import modal

app = modal.App("profiling")
image = modal.Image.debian_slim().apt_install("nvidia-utils-535")


@app.function(gpu="A10G", image=image)
def profile_gpu():
    samples = []
    for step in range(100):
        compute_intensive_task()
        if step % 10 == 0:
            answer = subprocess.run(
                ["nvidia-smi", "--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits"],
                capture_output=True,
                text=True,
            )
            samples.append(answer.stdout.strip().split(", "))
    return samples


@app.function()
def profile_stages():
    stages = {}
    start = time.time()
    data = load_data()
    stages["loading"] = time.time() - start
    start = time.time()
    result = process_data(data)
    stages["processing"] = time.time() - start
    print(stages)
    return result
