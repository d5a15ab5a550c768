class Image:
    def pip_install(self, *names):
        return self


image = Image().pip_install("requests", "opencv-python-headless==4.10")

import cv2  # noqa: E402, F401
