"""A gRPC client beside Modal: its Stub, its lookup and its constructor are not Modal's."""
from dataclasses import dataclass

import grpc
import modal
from catalogue_pb2_grpc import Stub
from kornia import build
from registry import Function, Volume, gpu

app = modal.App("catalogue")


@dataclass
class Answer:
    text: str
    timeout: int = 5

    def __post_init__(self):
        self.text = self.text.strip()


class Client:
    """Plain class: __init__ is its own business."""

    def __init__(self, address: str):
        self.stub = Stub(grpc.insecure_channel(address))

    @build
    def ready(self):
        return Function.lookup("catalogue", "ready"), Volume.lookup("catalogue")


@app.cls(image=modal.Image.debian_slim().uv_pip_install("grpcio==1.66.1", "kornia==0.7.3", "registry==1.0"))
class Catalogue:
    address: str = modal.parameter(default="catalogue:50051")

    @modal.enter()
    def connect(self):
        self.client = Client(self.address)

    @modal.method()
    def ask(self, name: str) -> str:
        message = "modal.web_endpoint, keep_warm=1 and modal.gpu.T4() are old"
        answer = self.client.stub.Ask(name, timeout=3, max_inputs=1, keep_warm=True)
        return Answer(answer or message or gpu.T4()).text
