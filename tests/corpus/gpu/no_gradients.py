import modal
import torch

app = modal.App("no-gradients")
vol = modal.Volume.from_name("m")


class Net(torch.nn.Module):
    def forward(self, x):
        return x * 2


@app.cls(gpu="T4", volumes={"/root/.cache/huggingface": vol})
class Decorated:
    @modal.enter()
    def load(self):
        from transformers import AutoModel

        self.model = AutoModel.from_pretrained("bert-base-uncased").to("cuda")

    @modal.method()
    @torch.inference_mode()
    def run(self, inputs: dict):
        return self.model(**inputs).pooler_output.tolist()


@app.cls(gpu="T4")
class CallerDoes:
    @modal.enter()
    def load(self):
        self.net = Net().cuda()

    def forward(self, x):
        return self.net(x)

    @modal.method()
    def run(self, xs: list):
        with torch.no_grad():
            return self.forward(torch.tensor(xs).cuda()).tolist()


@app.cls(gpu="T4", volumes={"/root/.cache/huggingface": vol})
class Generates:
    @modal.enter()
    def load(self):
        from transformers import AutoModelForCausalLM

        self.model = AutoModelForCausalLM.from_pretrained("gpt2").to("cuda")

    @modal.method()
    def run(self, ids: list):
        batch = torch.tensor(ids).to("cuda")
        return self.model.generate(batch).tolist()


@app.function(gpu="T4", timeout=7200)
def train(xs: list):
    net = Net().cuda()
    x = torch.tensor(xs, requires_grad=True).cuda()
    loss = net(x).sum()
    loss.backward()
    return loss.item()
