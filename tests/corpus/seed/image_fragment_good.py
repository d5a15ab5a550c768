image = modal.Image.debian_slim().uv_pip_install("torch", "transformers")  # only what is needed

# the same layers below, what one function needs on top
tokenizing = image.uv_pip_install("sentencepiece")
