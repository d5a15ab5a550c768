import modal

app = modal.App("cuda-for-nothing")
cuda = modal.Image.from_registry("nvidia/cuda:12.4.1-devel-ubuntu22.04", add_python="3.11")
serve = modal.Image.debian_slim().uv_pip_install("onnxruntime-gpu==1.20.1", "numpy==2.1.0")


@app.function(image=cuda)
def hello():
    return "hello"


@app.function(image=serve, memory=1024, volumes={"/m": modal.Volume.from_name("m")})
def shape():
    import numpy
    import onnxruntime

    session = onnxruntime.InferenceSession("/m/a.onnx")
    return session.get_inputs()[0].shape, numpy.__version__
