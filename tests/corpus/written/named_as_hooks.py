from modal import App, Image, enter, method

app = App("named-as-hooks")
image = Image.debian_slim(python_version="3.12").uv_pip_install("transformers==4.50.0", "torch==2.6.0")
with image.imports():
    from transformers import AutoModel


@app.cls(image=image, gpu="T4")
class Model:
    @enter()
    def enter(self):
        self.model = AutoModel.from_pretrained("bert-base-uncased")

    @method()
    def method(self, ids: list[list[int]]):
        return self.model.generate(ids)
