import pathlib  # noqa: F401

"""
image = modal.Image.debian_slim().pip_install(
    "numpy==2.1",
    "scikit-learn>=1.5",
)
"""
import sklearn_is_not_here  # noqa: F401
