"""Apps that are awkward to read: each shape gives the text of one file, or the files of a project, of size n."""

HEAD = "import modal\nimport torch\napp = modal.App('x')\n"
FUNCTION = "@app.function(timeout=60)\ndef f(x):\n    return x\n"
LOADER = "from transformers import AutoModel\n"


def joined(n, form, between=""):
    return between.join(form.format(i=i, j=i - 1 if i else n - 1, k=i + 1) for i in range(n))


def nested(n, opening, middle, closing):
    return opening * n + middle + closing * n


FILES = {
    "lines": lambda n: HEAD + FUNCTION + joined(n, "v{i} = {i}\n"),
    "assignments": lambda n: HEAD + "x = 1\n" + joined(n, "x = x + {i}\n") + "@app.function(timeout=x)\ndef f(): pass\n",
    "list": lambda n: HEAD + "A = [%s]\n@app.function(timeout=A[3])\ndef f(): return A\n" % joined(n, "{i}", ","),
    "strings": lambda n: HEAD + "A = [%s]\n@app.function(image=modal.Image.debian_slim().pip_install(*A))\ndef f(): return A\n" % joined(n, "'p{i}'", ","),
    "dict": lambda n: HEAD + "A = {%s}\n@app.function(timeout=A['k3'])\ndef f(): return A\n" % joined(n, "'k{i}': {i}", ","),
    "splat dict": lambda n: HEAD + "A = {%s}\n@app.function(**A)\ndef f(): return A\n" % joined(n, "'k{i}': {i}", ","),
    "set": lambda n: HEAD + FUNCTION + "A = {%s}\n" % joined(n, "{i}", ","),
    "arguments": lambda n: HEAD + FUNCTION + "print(%s)\n" % joined(n, "{i}", ","),
    "keywords": lambda n: HEAD + FUNCTION + "print(%s)\n" % joined(n, "k{i}={i}", ","),
    "settings": lambda n: HEAD + "@app.function(%s)\ndef f(): pass\n" % joined(n, "k{i}={i}", ","),
    "parameters": lambda n: HEAD + "@app.function()\ndef f(%s):\n    return a0\n" % joined(n, "a{i}", ","),
    "packages": lambda n: HEAD + "i = modal.Image.debian_slim().pip_install(%s)\n@app.function(image=i)\ndef f(): pass\n" % joined(n, "'p{i}'", ","),
    "packages, functions": lambda n: HEAD + "i = modal.Image.debian_slim().pip_install(%s)\n" % joined(n, "'p{i}'", ",")
                                     + joined(n, "@app.function(image=i)\ndef f{i}():\n    import p{i}\n"),
    "image chain": lambda n: HEAD + "i = modal.Image.debian_slim()%s\n@app.function(image=i)\ndef f(): pass\n" % joined(n, ".pip_install('p{i}')"),
    "image steps": lambda n: HEAD + "i = modal.Image.debian_slim()\n" + joined(n, "i = i.pip_install('p{i}')\n") + "@app.function(image=i)\ndef f(): pass\n",
    "images": lambda n: HEAD + joined(n, "i{i} = modal.Image.debian_slim().pip_install('torch=={i}')\n@app.function(image=i{i})\ndef f{i}(): import torch\n"),
    "method chain": lambda n: HEAD + FUNCTION + "y = x%s\n" % joined(n, ".m{i}()"),
    "attribute chain": lambda n: HEAD + FUNCTION + "y = x%s\n" % joined(n, ".a{i}"),
    "subscript chain": lambda n: HEAD + FUNCTION + "y = x%s\n" % joined(n, "[{i}]"),
    "sum": lambda n: HEAD + "t = %s\n@app.function(timeout=t)\ndef f(): pass\n" % joined(n, "{i}", " + "),
    "and": lambda n: HEAD + "t = %s\n@app.function(timeout=t)\ndef f(): pass\n" % joined(n, "a{i}", " and "),
    "comparison": lambda n: HEAD + FUNCTION + "t = %s\n" % joined(n, "a{i}", " < "),
    "conditional": lambda n: HEAD + "t = %s0\n@app.function(timeout=t)\ndef f(): pass\n" % joined(n, "{i} if a{i} else "),
    "string concatenation": lambda n: HEAD + "t = %s\n@app.function(gpu=t)\ndef f(): pass\n" % joined(n, "'s{i}'", " + "),
    "string juxtaposition": lambda n: HEAD + "t = (%s)\n@app.function(gpu=t)\ndef f(): pass\n" % joined(n, "'s{i}'", "\n"),
    "f-string": lambda n: HEAD + "x = 1\nt = f'%s'\n@app.function(gpu=t)\ndef f(): pass\n" % joined(n, "{{x}}"),
    "grown string": lambda n: HEAD + "t = ''\n" + joined(n, "t = t + 's{i}'\n") + "@app.function(gpu=t)\ndef f(): pass\n",
    "augmented": lambda n: HEAD + "t = 0\n" + joined(n, "t += {i}\n") + "@app.function(timeout=t)\ndef f(): pass\n",
    "appends": lambda n: HEAD + "t = []\n" + joined(n, "t.append({i})\n") + "@app.function(secrets=t)\ndef f(): pass\n",
    "long line": lambda n: HEAD + FUNCTION + joined(n, "a = {i}; ") + "\n",
    "long findings line": lambda n: HEAD + "@app.function()\ndef f(x): " + joined(n, "import torch; ") + "\n",
    "elif": lambda n: HEAD + "if a == 0:\n    x = 0\n" + joined(n, "elif a == {i}:\n    x = {i}\n") + "@app.function(timeout=x)\ndef f(): pass\n",
    "match": lambda n: HEAD + "match a:\n" + joined(n, "    case {i}:\n        x = {i}\n") + "@app.function(timeout=x)\ndef f(): pass\n",
    "try": lambda n: HEAD + "try:\n    pass\n" + joined(n, "except E{i}:\n    x = {i}\n") + FUNCTION,
    "brackets": lambda n: HEAD + "x = " + nested(n, "[", "", "]") + "\n",
    "parentheses": lambda n: HEAD + "x = " + nested(n, "(", "1", ")") + "\n@app.function(timeout=x)\ndef f(): pass\n",
    "nested calls": lambda n: HEAD + FUNCTION + "x = " + nested(n, "f(", "1", ")") + "\n",
    "nested loads": lambda n: HEAD + LOADER + "@app.function(gpu='T4')\ndef f(x):\n    m = " + nested(n, "AutoModel.from_pretrained(", "x", ")") + "\n",
    "nested dicts": lambda n: HEAD + "x = " + nested(n, "{'a': ", "1", "}") + "\n",
    "nested lambdas": lambda n: HEAD + "x = " + "lambda a: " * n + "a\n",
    "nested comprehensions": lambda n: HEAD + "x = " + nested(n, "[a for a in ", "b", "]") + "\n",
    "nested f-strings": lambda n: HEAD + "x = " + nested(n, "f'{", "1", "}'") + "\n",
    "nots": lambda n: HEAD + "x = " + "not " * n + "1\n",
    "powers": lambda n: HEAD + "x = %s\n@app.function(timeout=x)\ndef f(): pass\n" % joined(n, "1", " ** "),
    "lambdas": lambda n: HEAD + FUNCTION + joined(n, "l{i} = lambda a: a + {i}\n"),
    "comprehension clauses": lambda n: HEAD + "x = [1 %s]\n" % joined(n, "for a{i} in b "),
    "imports": lambda n: HEAD + joined(n, "import m{i}\n") + FUNCTION,
    "aliases": lambda n: HEAD + joined(n, "import torch as t{i}\n") + FUNCTION,
    "used imports": lambda n: HEAD + joined(n, "import pandas as t{i}\n") + "@app.function()\ndef f():\n" + joined(n, "    t{i}.read_csv('x')\n"),
    "import list": lambda n: HEAD + "from m import (%s)\n" % joined(n, "a{i}", ",") + FUNCTION,
    "import chain": lambda n: HEAD + "import a0\n" + joined(n, "a{k} = a{i}\n") + "@app.function(timeout=a%d)\ndef f(): pass\n" % n,
    "local imports": lambda n: HEAD + joined(n, "@app.function()\ndef f{i}():\n    import pandas\n    return pandas\n"),
    "functions": lambda n: HEAD + "im = modal.Image.debian_slim().pip_install('torch', 'pandas')\n"
                           + joined(n, "@app.function(image=im)\ndef f{i}():\n    import torch\n"),
    "gpu functions": lambda n: HEAD + LOADER + joined(n, "@app.function(gpu='A100', min_containers=1)\ndef f{i}(x):\n    m = AutoModel.from_pretrained('a')\n    return m(x)\n"),
    "decorators": lambda n: HEAD + joined(n, "@d{i}\n") + "@app.function()\ndef f(): pass\n",
    "registrations": lambda n: HEAD + "@app.function()\n" * n + "def f(): pass\n",
    "same name": lambda n: HEAD + "@app.function()\ndef f(): pass\n" * n,
    "helpers": lambda n: HEAD + "def h0(x):\n    return x\n" + joined(n, "def h{k}(x):\n    return h{i}(x)\n")
                         + "@app.function()\ndef f(x):\n    return h%d(x)\n" % n,
    "ring": lambda n: HEAD + joined(n, "def h{i}(x):\n    return h{j}(x)\n") + "@app.function()\ndef f(x):\n    return h0(x)\n",
    "registered ring": lambda n: HEAD + LOADER + joined(n, "@app.function(gpu='T4')\ndef h{i}(x):\n    m = AutoModel.from_pretrained('a')\n    return h{j}.local(x)\n"),
    "remote ring": lambda n: HEAD + joined(n, "@app.function()\ndef h{i}(x):\n    for a in x:\n        h{j}.remote(a)\n"),
    "one helper": lambda n: HEAD + LOADER + "def h(x):\n    return AutoModel.from_pretrained(x)\n"
                            + joined(n, "@app.function(gpu='T4')\ndef f{i}(x):\n    return h(x)\n"),
    "one caller": lambda n: HEAD + LOADER + joined(n, "def h{i}(x):\n    return AutoModel.from_pretrained(x)\n")
                            + "@app.function(gpu='T4')\ndef f(x):\n" + joined(n, "    h{i}(x)\n"),
    "loads": lambda n: HEAD + LOADER + "@app.function(gpu='T4')\ndef f(x):\n" + joined(n, "    m{i} = AutoModel.from_pretrained('a')\n"),
    "loads in a loop": lambda n: HEAD + LOADER + "@app.function(gpu='T4')\ndef f(xs):\n    for x in xs:\n" + joined(n, "        m{i} = AutoModel.from_pretrained('a')\n"),
    "loads at import": lambda n: HEAD + LOADER + joined(n, "m{i} = AutoModel.from_pretrained('a')\n") + FUNCTION,
    "loads with names": lambda n: HEAD + LOADER + "@app.function(gpu='T4')\ndef f(x):\n" + joined(n, "    a{i} = 'n{i}'\n    m{i} = AutoModel.from_pretrained(a{i})\n    m{i}(x)\n"),
    "loads of each other": lambda n: HEAD + LOADER + "@app.function(gpu='T4')\ndef f(x):\n    m0 = x\n" + joined(n, "    m{k} = AutoModel.from_pretrained(m{i})\n"),
    "loads that stay": lambda n: HEAD + LOADER + "@app.function(gpu='T4')\ndef f(x):\n" + joined(n, "    m{i} = AutoModel.from_pretrained('a')\n")
                                 + '    x("""two\n rows""")\n',
    "loads of a callback": lambda n: HEAD + LOADER + "@app.function(gpu='T4')\ndef f(x):\n" + joined(n, "    m{i} = AutoModel.from_pretrained('a')\n")
                                     + "def g(x):\n" + joined(n, "    f.remote({i})\n") + "    x(f)\n",
    "ignores of the file": lambda n: HEAD + LOADER + joined(n, "# coldspot: ignore-file[CS4{i}]\n") + "@app.function(gpu='T4')\ndef f(x):\n"
                                     + joined(n, "    m{i} = AutoModel.from_pretrained('a')\n"),
    "downloads": lambda n: HEAD + "import requests\n@app.function()\ndef f(x):\n" + joined(n, "    requests.get('http://a/{i}')\n"),
    "reads": lambda n: HEAD + "import pandas as pd\n@app.function()\ndef f(x):\n" + joined(n, "    d{i} = pd.read_csv('a{i}')\n    print(d{i})\n"),
    "batches": lambda n: HEAD + LOADER + "@app.function(gpu='T4')\ndef f(xs):\n    m = AutoModel.from_pretrained('a')\n" + joined(n, "    for x in xs:\n        m(x)\n"),
    "classes": lambda n: HEAD + LOADER + joined(n, "@app.cls(gpu='T4')\nclass C{i}:\n    @modal.enter()\n    def start(self):\n        self.m = AutoModel.from_pretrained('a')\n"
                                                   "    @modal.method()\n    def go(self, x):\n        return self.m(x)\n"),
    "methods": lambda n: HEAD + LOADER + "@app.cls(gpu='T4')\nclass C:\n    @modal.enter()\n    def start(self):\n        self.m = AutoModel.from_pretrained('a')\n"
                         + joined(n, "    @modal.method()\n    def go{i}(self, x):\n        return self.m(x)\n"),
    "method loads": lambda n: HEAD + LOADER + "@app.cls(gpu='T4')\nclass C:\n" + joined(n, "    @modal.method()\n    def go{i}(self, x):\n        m = AutoModel.from_pretrained('a')\n        return m(x)\n"),
    "enters": lambda n: HEAD + LOADER + "@app.cls(gpu='T4')\nclass C:\n" + joined(n, "    @modal.enter()\n    def e{i}(self):\n        self.m{i} = AutoModel.from_pretrained('a')\n"),
    "attributes": lambda n: HEAD + "@app.cls(gpu='T4')\nclass C:\n    @modal.enter()\n    def start(self):\n" + joined(n, "        self.a{i} = {i}\n")
                            + "    @modal.method()\n    def go(self, x):\n" + joined(n, "        print(self.a{i})\n"),
    "bases": lambda n: HEAD + "class C0: pass\n" + joined(n, "class C{k}(C{i}): pass\n") + "@app.cls()\nclass D(C%d): pass\n" % n,
    "nested helpers": lambda n: HEAD + "@app.function()\ndef f(x):\n" + joined(n, "    def g{i}(y):\n        return g{j}(y)\n"),
    "ignores": lambda n: HEAD + LOADER + "@app.function(gpu='T4')\ndef f(x):\n" + joined(n, "    m{i} = AutoModel.from_pretrained('a')  # coldspot: ignore[CS1] for a reason\n"),
    "unused ignores": lambda n: HEAD + FUNCTION + joined(n, "v{i} = {i}  # coldspot: ignore[heavy-import-unused]\n"),
    "ignored codes": lambda n: HEAD + FUNCTION + "# coldspot: ignore[%s]\n" % joined(n, "CS{i}", ","),
    "comments": lambda n: HEAD + FUNCTION + "# c\n" * n,
    "docstring": lambda n: HEAD + "@app.function()\ndef f():\n    '''\n%s    '''\n" % ("    text\n" * n),
    "globals": lambda n: HEAD + joined(n, "G{i} = None\n") + "@app.function()\ndef f(x):\n" + joined(n, "    global G{i}\n    G{i} = x\n"),
    "withs": lambda n: HEAD + "i = modal.Image.debian_slim()\n" + joined(n, "with i.imports():\n    import pandas as p{i}\n") + "@app.function(image=i)\ndef f():\n" + joined(n, "    p{i}.x()\n"),
    "open brackets": lambda n: HEAD + FUNCTION + "x = " + "[" * n + "\n",
    "closed brackets": lambda n: HEAD + FUNCTION + "x = " + "]" * n + "\n",
    "broken lines": lambda n: HEAD + FUNCTION + joined(n, "def (: {i}\n"),
    "indents": lambda n: HEAD + FUNCTION + joined(n, "    x\n  y\n"),
    "volumes": lambda n: HEAD + joined(n, "v{i} = modal.Volume.from_name('v{i}')\n") + "@app.function(volumes={%s})\ndef f(): pass\n" % joined(n, "'/m{i}': v{i}", ","),
    "apps": lambda n: HEAD + joined(n, "a{i} = modal.App('a{i}')\n@a{i}.function()\ndef f{i}(): pass\n"),
    "with_options": lambda n: HEAD + FUNCTION + joined(n, "g{i} = f.with_options(timeout={i})\n"),
    "partials": lambda n: HEAD + "from functools import partial\nd0 = app.function\n" + joined(n, "d{k} = partial(d{i}, timeout={k})\n") + "@d%d()\ndef f(): pass\n" % n,
    "old parameters": lambda n: HEAD + joined(n, "@app.function(keep_warm={i}, concurrency_limit=3, container_idle_timeout=4)\ndef f{i}(): pass\n"),
    "entrypoints": lambda n: HEAD + FUNCTION + joined(n, "@app.local_entrypoint()\ndef m{i}():\n    f.remote({i})\n"),
    "async": lambda n: HEAD + "import time\n@app.function()\nasync def f(x):\n" + joined(n, "    time.sleep({i})\n"),
    "run_functions": lambda n: HEAD + LOADER + joined(n, "def d{i}():\n    AutoModel.from_pretrained('a')\n") + "i = modal.Image.debian_slim()%s\n" % joined(n, ".run_function(d{i})")
                               + "@app.function(image=i)\ndef f(): pass\n",
    "commands": lambda n: HEAD + "i = modal.Image.debian_slim().run_commands(%s)\n@app.function(image=i)\ndef f(): pass\n" % joined(n, "'pip install p{i}'", ","),
    "environment": lambda n: HEAD + "i = modal.Image.debian_slim().env({%s})\n@app.function(image=i)\ndef f(): pass\n" % joined(n, "'K{i}': 'v'", ","),
}

# Indented text grows with the square of its depth, so that these are measured by the byte.
DEPTHS = {
    "deep ifs": lambda n: HEAD + FUNCTION + "".join(" " * i + "if a%d:\n" % i for i in range(n)) + " " * n + "pass\n",
    "deep functions": lambda n: HEAD + FUNCTION + "".join(" " * i + "def f%d(x):\n" % i for i in range(n)) + " " * n + "return x\n",
    "deep classes": lambda n: HEAD + FUNCTION + "".join(" " * i + "class C%d:\n" % i for i in range(n)) + " " * n + "pass\n",
    "deep loads": lambda n: HEAD + LOADER + "@app.function(gpu='T4')\ndef f(x):\n" + "".join(" " * (i + 1) + "for x%d in x:\n" % i for i in range(n))
                            + " " * (n + 1) + "m = AutoModel.from_pretrained('a')\n",
}

# A project: path -> text.
TREES = {
    "files": lambda n: {"f%d.py" % i: HEAD + FUNCTION for i in range(n)},
    "import cycle": lambda n: {"m%d.py" % i: HEAD + "import m%d\nfrom m%d import g\n@app.function()\ndef g(x):\n    return m%d.g(x)\n" % ((i + 1) % n, (i + 2) % n, (i + 1) % n) for i in range(n)},
    "packages in a cycle": lambda n: {"m%d.py" % i: HEAD + "import m%d\ni = modal.Image.debian_slim().pip_install('torch', 'pandas', 'scipy')\n"
                                      "@app.function(image=i)\ndef g(x):\n    return m%d\n" % ((i + 1) % n, (i + 1) % n) for i in range(n)},
    "heavy files": lambda n: {"m%d.py" % i: HEAD + "import pandas\ni = modal.Image.debian_slim().pip_install('pandas')\n@app.function(image=i)\ndef g(x):\n    return pandas\n"
                              "@app.function(image=i)\ndef h(x):\n    return x\n" for i in range(n)},
    "shared helper": lambda n: dict({"m%d.py" % i: HEAD + "from common import load\n@app.function(gpu='T4')\ndef g(x):\n    return load(x)\n" for i in range(n)},
                                    **{"common.py": LOADER + "def load(x):\n    return AutoModel.from_pretrained(x)\n"}),
    "one importer": lambda n: dict({"m%d.py" % i: "def g(x):\n    return x\n" for i in range(n)},
                                   **{"app.py": HEAD + joined(n, "import m{i}\n") + "@app.function()\ndef f(x):\n" + joined(n, "    m{i}.g(x)\n")}),
    "folders": lambda n: {"d%d/f.py" % i: HEAD + FUNCTION for i in range(n)},
    "other files": lambda n: dict({"f%d.txt" % i: "" for i in range(n)}, **{"app.py": HEAD + FUNCTION}),
    "ignore patterns": lambda n: {".gitignore": joined(n, "*p{i}*\n"), "app.py": HEAD + FUNCTION},
    "ignore stars": lambda n: {".gitignore": "*a" * n + "\n", "a" * 200 + ".py": HEAD + FUNCTION},
}

# What has been more than linear, and is watched: tests/bench/bench_check --growth.
ONCE_STEEP = {"packages, functions", "packages in a cycle", "images", "ignores", "ignores of the file", "loads with names",
              "loads that stay", "loads of a callback", "old parameters", "heavy files"}
