@app.cls(min_containers=2)
class Processor:
    @modal.enter()
    def setup(self):
        self.resource = load_large_model()

    @modal.method()
    def process(self, data):
        return self.resource.process(data)
