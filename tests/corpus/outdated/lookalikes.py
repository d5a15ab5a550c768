"""Names that only look old: another library's lookup, an own class with a constructor, max_inputs where it belongs."""
import modal

app = modal.App("lookalikes")


class Table:
    def __init__(self, rows):
        self.rows = rows

    def lookup(self, key):
        return self.rows.get(key)


class Stub:
    def build(self):
        return Table({"a": 1})


@app.function()
@modal.concurrent(max_inputs=1)
def find(key: str):
    return Stub().build().lookup(key)


@app.cls()
class Greeter:
    name: str = modal.parameter(default="you")

    @modal.method()
    def greet(self):
        return f"hello {self.name}"


@app.local_entrypoint()
def main(keep_warm: int = 1):
    print(find.remote("a"), Greeter(name="x").greet.remote(), keep_warm)
