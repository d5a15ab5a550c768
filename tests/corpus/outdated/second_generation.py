"""Old names once more, as plain as they come: what the first file of each pair has behind aliases."""
import modal

app = modal.App("reports")
jobs = modal.Queue.lookup("report-jobs")
Writer = modal.Cls.lookup("report-writer", "Writer")


@app.cls(gpu=modal.gpu.A100(size="80GB", count=2), container_idle_timeout=240)
class Summary:
    def __init__(self, language: str = "en"):
        self.language = language

    @modal.enter()
    def load(self):
        import torch

        self.weights = torch.ones(8).cuda()

    @modal.method()
    def write(self, numbers: list):
        import time

        import torch

        began = time.perf_counter()
        with torch.inference_mode():
            total = (self.weights * torch.tensor(numbers).cuda()).sum().item()
        print(f"{self.language}: {time.perf_counter() - began:.3f} s")
        return total


@app.function(max_inputs=1)
def render(page: str) -> str:
    return Writer().render.remote(page)


@app.function()
@modal.web_endpoint(method="GET")
def pending():
    return {"jobs": jobs.len()}
