import modal

app = modal.App("vision-http")
image = (
    modal.Image.debian_slim(python_version="3.12")
    .uv_pip_install("torch==2.6.0", "torchvision==0.21.0", "transformers==4.50.3", "pillow==11.1.0", "fastapi[standard]==0.115.12")
    .run_commands("apt-get update", "apt-get install -y libjpeg-turbo-progs")
)
vol = modal.Volume.from_name("clip", create_if_missing=True)


@app.cls(image=image, gpu="L4", volumes={"/cache": vol}, scaledown_window=5)
@modal.concurrent(max_inputs=12)
class Clip:
    @modal.enter()
    def load(self):
        from transformers import CLIPModel, CLIPProcessor

        self.model = CLIPModel.from_pretrained("openai/clip-vit-base-patch32", cache_dir="/cache").to("cuda")
        self.processor = CLIPProcessor.from_pretrained("openai/clip-vit-base-patch32", cache_dir="/cache")

    @modal.fastapi_endpoint(method="POST")
    def score(self, item: dict) -> list[float]:
        import base64
        import io

        import torch
        from PIL import Image

        picture = Image.open(io.BytesIO(base64.b64decode(item["image"])))
        inputs = self.processor(text=item["labels"], images=picture, return_tensors="pt", padding=True).to("cuda")
        with torch.no_grad():
            out = self.model(**inputs)
        return out.logits_per_image.softmax(-1)[0].tolist()
