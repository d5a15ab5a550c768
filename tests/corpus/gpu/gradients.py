import modal

app = modal.App("gradients")
vol = modal.Volume.from_name("m")


@app.cls(gpu="T4", volumes={"/m": vol, "/root/.cache/huggingface": vol})
class Forgot:
    @modal.enter()
    def load(self):
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")
        self.model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased").to("cuda").eval()

    def scores(self, inputs):
        return self.model(**inputs).logits

    @modal.method()
    def run(self, texts: list):
        inputs = self.tokenizer(texts, return_tensors="pt", padding=True).to("cuda")
        return self.scores(inputs).tolist()


@app.cls(gpu="T4", volumes={"/m": vol})
class Vision:
    @modal.enter()
    def load(self):
        import torch
        import torchvision

        self.net = torchvision.models.resnet50()
        self.net.load_state_dict(torch.load("/m/resnet.pt"))
        self.mean = torch.tensor([0.5, 0.5, 0.5])

    @modal.method()
    def run(self, pixels: list):
        import torch

        self.net.cuda()
        mean = self.mean.to("cuda")
        return self.net(torch.tensor(pixels).cuda() - mean).argmax(1).tolist()
