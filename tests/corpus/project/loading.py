def load(name="BAAI/bge-base-en-v1.5"):
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(name)


class Index:
    def __init__(self, path):
        import faiss

        self.index = faiss.read_index(path)

    def search(self, vectors):
        return self.index.search(vectors, 5)
