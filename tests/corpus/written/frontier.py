import re

import modal

app = modal.App("frontier")
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install("requests==2.32.3")


@app.function(image=image)
def links(url: str) -> list[str]:
    import requests

    return re.findall(r'href="([^"]+)"', requests.get(url, timeout=20).text)


@app.function(timeout=1800)
def breadth(start: str, depth: int = 3) -> int:
    seen, frontier = {start}, [start]
    for _ in range(depth):
        fresh = []
        for url in frontier:
            for link in links.remote(url):
                if link not in seen:
                    seen.add(link)
                    fresh.append(link)
        frontier = fresh
    return len(seen)


@app.function(timeout=1800)
def one_page(url: str) -> int:
    n = 0
    for link in links.remote(url):
        n += link.startswith("https://")
    return n


@app.function(timeout=1800)
def until_empty(urls: list[str]) -> int:
    total = 0
    while urls:
        total += len(links.remote(urls.pop()))
    return total


@app.function(timeout=1800)
def until_quiet(urls: list[str]) -> int:
    seen = set()
    while urls:
        for link in links.remote(urls.pop()):
            if link not in seen:
                seen.add(link)
                urls.append(link)
    return len(seen)


@app.function(timeout=1800)
def in_rounds(urls: list[str], n: int) -> list[int]:
    sizes = []
    for round_number in range(n):
        sizes.append(len(links.remote(urls[round_number % len(urls)])))
    return sizes
