"""Every way of keeping a model: a Volume at the cache, cache_dir in it, an environment variable, the image, a local path."""
import modal

app = modal.App("kept")
vol = modal.Volume.from_name("weights", create_if_missing=True)
base = modal.Image.debian_slim().uv_pip_install("torch==2.6.0", "transformers==4.48.0")


def fetch():
    from transformers import AutoModel

    AutoModel.from_pretrained("bert-base-uncased")


baked = base.run_function(fetch)
with_home = base.env({"HF_HOME": "/cache"})


@app.cls(gpu="T4", image=base, volumes={"/cache": vol})
class InCacheDir:
    @modal.enter()
    def load(self):
        from transformers import AutoModel

        self.model = AutoModel.from_pretrained("bert-base-uncased", cache_dir="/cache/hf")

    @modal.method()
    def size(self):
        return self.model.num_parameters()


@app.cls(gpu="T4", image=baked)
class Baked:
    @modal.enter()
    def load(self):
        from transformers import AutoModel

        self.model = AutoModel.from_pretrained("bert-base-uncased")

    @modal.method()
    def size(self):
        return self.model.num_parameters()


@app.cls(gpu="T4", image=with_home, volumes={"/cache": vol})
class ByVariable:
    @modal.enter()
    def load(self):
        from transformers import AutoModel

        self.model = AutoModel.from_pretrained("bert-base-uncased")

    @modal.method()
    def size(self):
        return self.model.num_parameters()


@app.cls(gpu="T4", image=base, volumes={"/weights": vol})
class ByPath:
    @modal.enter()
    def load(self):
        from transformers import AutoModel

        self.model = AutoModel.from_pretrained("/weights/bert", local_files_only=True)

    @modal.method()
    def size(self):
        return self.model.num_parameters()


@app.function(image=base, volumes={"/cache": vol}, timeout=3600)
def fill():
    from huggingface_hub import snapshot_download

    snapshot_download("bert-base-uncased", local_dir="/cache/bert")
    vol.commit()
