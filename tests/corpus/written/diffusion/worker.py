import typing

import modal

from config import HOURS, settings

app = modal.App("sd-worker")
weights = modal.Volume.from_name("sd-weights", create_if_missing=True)
image = modal.Image.debian_slim(python_version="3.11").uv_pip_install(
    "diffusers==0.32.2", "transformers==4.49.0", "torch==2.6.0", "accelerate==1.4.0"
)


@app.cls(
    image=image,
    gpu="H100",
    volumes={settings.volume_path: weights},
    scaledown_window=settings.idle,
    min_containers=1,
    timeout=1 * HOURS,
)
class Worker:
    @modal.enter()
    def setup(self):
        import torch
        from diffusers import DiffusionPipeline

        self.pipe = DiffusionPipeline.from_pretrained(settings.model_id, cache_dir=settings.volume_path, torch_dtype=torch.float16)

    @modal.method()
    def draw(self, prompt: str) -> bytes:
        import io

        self.pipe.to("cuda")
        picture = self.pipe(prompt).images[0]
        out = io.BytesIO()
        picture.save(out, format="PNG")
        return out.getvalue()


@app.function(image=image, gpu="A10")
def contact_sheet(pngs: list[bytes]) -> bytes:
    import io

    from PIL import Image

    tiles = [Image.open(io.BytesIO(p)) for p in pngs]
    sheet = Image.new("RGB", (sum(t.width for t in tiles), max(t.height for t in tiles)))
    x = 0
    for tile in tiles:
        sheet.paste(tile, (x, 0))
        x += tile.width
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


@app.local_entrypoint()
def main(path: str = "prompts.txt"):
    worker = Worker()
    results: typing.List[bytes] = []
    with open(path) as handle:
        for prompt in handle:
            results.append(worker.draw.remote(prompt.strip()))
    with open("sheet.png", "wb") as out:
        out.write(contact_sheet.remote(results))
