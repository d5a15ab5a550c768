import modal

app = modal.App("single")
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install("spacy==3.8.4").run_commands("python -m spacy download en_core_web_trf")
v = modal.Volume.from_name("v")


@app.cls(image=image, single_use_containers=True, memory=8192, cpu=4)
class Ner:
    @modal.enter()
    def load(self):
        import spacy

        self.nlp = spacy.load("en_core_web_trf")

    @modal.method()
    def ents(self, docs: list[str]) -> list[list[str]]:
        return [[e.text for e in self.nlp(d).ents] for d in docs]


@app.cls(image=image, memory=8192, cpu=4)
class Warmable:
    @modal.enter()
    def load(self):
        import spacy

        self.nlp = spacy.load("en_core_web_trf")

    @modal.method()
    def ents(self, docs: list[str]) -> list[list[str]]:
        return [[e.text for e in d.ents] for d in self.nlp.pipe(docs)]

    @modal.method()
    def count(self, text: str) -> int:
        import pandas as pd

        return len(pd.Series(text.split()).unique())
