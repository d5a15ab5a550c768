import modal as mdl

jobs = mdl.App("fanning-out")


@jobs.function(timeout=600)
def render(frame: int, quality: str = "high") -> bytes:
    import subprocess

    return subprocess.run(["blender", "-b", "-f", str(frame)], capture_output=True, check=True).stdout


@jobs.function(timeout=600)
def refine(draft: bytes) -> bytes:
    import subprocess

    return subprocess.run(["refine"], input=draft, capture_output=True, check=True).stdout


@jobs.cls(timeout=600)
class Encoder:
    @mdl.method()
    def encode(self, part: bytes) -> bytes:
        import subprocess

        return subprocess.run(["ffmpeg", "-i", "-", "-"], input=part, capture_output=True, check=True).stdout


@jobs.function(timeout=3600)
def film(frames: list):
    encoder = Encoder()
    parts = []
    for frame in frames:
        parts.append(render.remote(frame))
    return b"".join(encoder.encode.remote(part) for part in parts)


@jobs.function(timeout=3600)
def film_well(frames: list):
    parts = list(render.map(frames, kwargs={"quality": "low"}))
    return b"".join(Encoder().encode.map(parts))


@jobs.function(timeout=3600)
def improve(draft: bytes):
    for _ in range(4):
        draft = refine.remote(draft)
    return draft


@jobs.function(timeout=3600)
def until_good(frame: int):
    while True:
        image = render.remote(frame)
        if len(image) > 1000:
            return image


@jobs.function(timeout=3600)
def retry(frame: int):
    for attempt in range(3):
        try:
            return render.remote(frame)
        except RuntimeError as error:
            print(attempt, error)


@jobs.function(timeout=3600)
def spawned(frames: list):
    calls = [render.spawn(frame) for frame in frames]
    return [call.get() for call in calls]


@jobs.local_entrypoint()
def main(first: int = 1, last: int = 24):
    for n in range(first, last + 1):
        print(n, len(render.remote(n)))
