# too large: most of this nobody imports
image = modal.Image.debian_slim().uv_pip_install(
    "transformers[torch]",
    "tensorflow",
    "scipy",  # unused
    "matplotlib",  # not needed here
)
