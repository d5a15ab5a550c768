try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
for _ in range(3):
    one = interpreters.create()
    interpreters.run_string(one, "import json, decimal; print(json.dumps([1]), flush=True)")
    interpreters.destroy(one)
print("done")
