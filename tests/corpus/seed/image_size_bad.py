import modal

app = modal.App("captions-everything")
image = modal.Image.debian_slim().uv_pip_install(
    "torch==2.6.0",
    "transformers==4.49.0",
    "tensorflow==2.18.0",
    "matplotlib==3.10.0",
    "scikit-learn==1.6.1",
    "pandas==2.2.3",
)
weights = modal.Volume.from_name("weights", create_if_missing=True)


@app.cls(image=image, gpu="T4", volumes={"/root/.cache/huggingface": weights})
class Captions:
    @modal.enter()
    def load(self):
        from transformers import pipeline

        self.write = pipeline("image-to-text", "Salesforce/blip-image-captioning-base", device=0)

    @modal.method()
    def caption(self, pictures: list):
        return self.write(pictures, batch_size=16)
