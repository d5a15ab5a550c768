# files: none
# needs: module:onnxruntime module:numpy
# python: -W ignore
import onnxruntime, numpy, struct
# A model of one Add, written by hand: no package for it is needed.
def field(number, data):
    return bytes([number << 3 | 2]) + varint(len(data)) + data
def varint(n):
    out = b""
    while True:
        out += bytes([n & 127 | (128 if n > 127 else 0)])
        n >>= 7
        if not n:
            return out
def value(name):
    shape = field(1, b"\x08\x03")
    tensor = b"\x08\x01" + field(2, shape)
    return field(1, name) + field(2, field(1, tensor))
node = field(1, b"x") + field(1, b"x") + field(2, b"y") + field(4, b"Add")
graph = field(1, node) + field(2, b"g") + field(11, value(b"x")) + field(12, value(b"y"))
model = b"\x08\x07" + field(7, graph) + field(8, field(1, b"") + b"\x10\x0d")
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
print(session.run(None, {"x": numpy.array([1, 2, 3], "float32")}))
