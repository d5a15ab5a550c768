import modal
from modal import App, Image

PINNED = ["numpy==2.1.0", "pillow==11.0.0"]
LOOSE = ("numpy", "pillow")
TORCH = "2.5.1"
app = App("image-layers")

copied_early = Image.debian_slim().add_local_dir("assets", "/assets", copy=True).uv_pip_install(*PINNED)
copied_late = Image.debian_slim().uv_pip_install(*PINNED).add_local_dir("assets", "/assets", copy=True)
needs_its_files = (
    Image.debian_slim()
    .add_local_file("requirements.lock", "/tmp/requirements.lock", copy=True)
    .run_commands("uv pip install --system --compile-bytecode -r /tmp/requirements.lock")
)
mounted = Image.debian_slim().uv_pip_install(*PINNED).add_local_dir("assets", "/assets")
loose = Image.debian_slim().uv_pip_install(*LOOSE)
pipped = Image.debian_slim().pip_install(f"numpy=={TORCH[0]}.1.0")
in_file = Image.debian_slim().uv_pip_install(requirements=["requirements.lock"])
ranged = Image.debian_slim().uv_pip_install("numpy>=2,<3", "pillow~=11.0")
tools = (
    Image.debian_slim()
    .apt_install("ffmpeg", "libgl1")
    .run_commands("apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/*")
    .env({"PYTHONDONTWRITEBYTECODE": ""})
    .uv_pip_install(*PINNED)
)
dirty = (
    Image.debian_slim()
    .run_commands(["apt-get update", "apt-get install -y tini"])
    .env({"PYTHONDONTWRITEBYTECODE": "1"})
    .uv_pip_install(*PINNED)
)


def look():
    import numpy
    from PIL import Image as Picture

    return numpy.asarray(Picture.new("L", (4, 4))).sum()


@app.function(image=copied_early)
def a():
    return look()


@app.function(image=copied_late)
def b():
    return look()


@app.function(image=needs_its_files)
def c():
    return look()


@app.function(image=mounted)
def d():
    return look()


@app.function(image=loose)
def e():
    return look()


@app.function(image=pipped)
def f():
    import numpy

    return numpy.zeros(3).sum()


@app.function(image=in_file)
def g():
    return look()


@app.function(image=ranged)
def h():
    return look()


@app.function(image=tools)
def i():
    return look()


@app.function(image=dirty)
def j():
    return look()
