import modal

app = modal.App("cool-path")


@app.cls(memory=2048)
class Tagger:
    @modal.enter()
    def start(self):
        import spacy

        self.nlp = spacy.blank("en")

    @modal.method()
    def tag(self, text: str):
        import spacy

        return [t.text for t in self.nlp(text)], spacy.__version__


@app.function()
def join(tables: list):
    import pandas as pd

    return [pd.DataFrame(table).sum().to_dict() for table in tables]


@app.function()
def maybe(text: str):
    try:
        import langdetect
    except ImportError:
        return None
    return langdetect.detect(text)
