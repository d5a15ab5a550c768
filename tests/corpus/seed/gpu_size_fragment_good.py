@app.cls(gpu="T4")
class SmallModel:
    @modal.enter()
    def start(self):
        self.model = load_small_model()

    @modal.method()
    def run(self):
        return self.model.predict()


@app.function(gpu="A10")
def profile_gpu_needs():
    import torch

    model = load_model()
    print(f"allocated {torch.cuda.memory_allocated() / 1e9:.2f} GB of VRAM")
    return model.predict()
