import io

import modal

app = modal.App("plant-id")
image = modal.Image.debian_slim(python_version="3.11").uv_pip_install("tensorflow==2.18.0", "pillow==11.1.0")
vol = modal.Volume.from_name("plants")
LABELS = open("labels.txt").read().splitlines() if modal.is_local() else []


@app.function(image=image, volumes={"/v": vol}, memory=4096, cpu=2.0)
@modal.fastapi_endpoint(method="POST")
def identify(image_b64: str) -> dict:
    import base64

    import numpy as np
    import tensorflow as tf
    from PIL import Image

    net = tf.keras.models.load_model("/v/plants.keras")
    img = Image.open(io.BytesIO(base64.b64decode(image_b64))).resize((299, 299))
    x = tf.keras.applications.xception.preprocess_input(np.asarray(img)[None].astype("float32"))
    return {"class": int(net.predict(x).argmax())}


@app.cls(image=image, gpu="T4", volumes={"/v": vol})
class Bulk:
    @modal.enter()
    def enter(self):
        import tensorflow as tf

        self.net = tf.keras.models.load_model("/v/plants.keras")

    @modal.method()
    def classify(self, files: list[str]) -> dict[str, int]:
        import tensorflow as tf

        answers = {}
        for name in files:
            raw = tf.io.read_file(name)
            x = tf.image.resize(tf.io.decode_jpeg(raw, channels=3), (299, 299))
            answers[name] = int(self.net.predict(x[None]).argmax())
        return answers
