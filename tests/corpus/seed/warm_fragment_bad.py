@app.function(timeout=60)
def process():
    # the container dies when the 60 s are over
    expensive_setup()
    do_work()


@app.cls(keep_warm=2)  # two stay ready
class Processor:
    @modal.enter()
    def setup(self):
        self.resource = load_large_model()

    @modal.method()
    def process(self, data):
        return self.resource.process(data)
