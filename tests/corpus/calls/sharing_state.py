import threading

import modal

app = modal.App("sharing-state")
vol = modal.Volume.from_name("hf")
last = None


@app.cls()
@modal.concurrent(max_inputs=20)
class Session:
    @modal.enter()
    def start(self):
        self.count = 0
        self.prefix = "> "

    @modal.method()
    def say(self, text: str):
        self.current = self.prefix + text
        return self.current


@app.function()
@modal.concurrent(max_inputs=5)
def remember(text: str):
    global last
    last = text
    return last


@app.cls()
@modal.concurrent(max_inputs=20)
class Locked:
    @modal.enter()
    def start(self):
        self.lock = threading.Lock()
        self.count = 0

    @modal.method()
    def hit(self):
        with self.lock:
            self.count += 1
            return self.count


@app.cls()
@modal.concurrent(max_inputs=20)
class Clean:
    @modal.method()
    def hit(self, text: str):
        current = text.upper()
        return current


@app.cls(gpu="T4", volumes={"/root/.cache/huggingface": vol})
@modal.concurrent(max_inputs=8)
class Shared:
    @modal.enter()
    def load(self):
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained("gpt2")
        self.model = AutoModelForCausalLM.from_pretrained("gpt2").cuda()

    @modal.method()
    def write(self, prompt: str):
        ids = self.tokenizer(prompt, return_tensors="pt").input_ids.cuda()
        return self.tokenizer.decode(self.model.generate(ids)[0])
