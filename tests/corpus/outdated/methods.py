import modal
from modal import Mount, Stub

stub = Stub("old")
image = (
    modal.Image.debian_slim()
    .copy_local_dir("assets", "/assets")
    .copy_local_file("a.txt", "/a.txt")
)
other = modal.Function.lookup("app", "f")
volume = modal.Volume.lookup("v")


@stub.function(image=image, mounts=[Mount.from_local_dir("x")], volumes={"/v": volume})
@modal.web_endpoint(method="POST")
def hook(body: dict):
    return other.remote(body)


@stub.function()
@modal.web_endpoint()
def ping():
    return "ok"


@stub.cls(gpu="T4")
class Model:
    @modal.build()
    def download(self):
        print("downloading")

    @modal.build()
    def more(self):
        print("more")

    @modal.method()
    def run(self, xs: list):
        import torch

        return torch.tensor(xs).cuda().sum().item()
