"""Retrieval service: FastAPI in front of an embedding model and a vector store."""
import os
from contextlib import asynccontextmanager

import modal
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from pydantic import BaseModel, Field

import numpy as np
import seaborn as sns

MINUTE = 60
image = (
    modal.Image.debian_slim(python_version="3.12")
    .uv_pip_install("fastapi==0.115.12", "numpy==2.2.4", "seaborn==0.13.2", "sentence-transformers==4.0.1", "qdrant-client==1.13.3")
)
app = modal.App("rag", image=image)
router = APIRouter(prefix="/v1")


class Query(BaseModel):
    q: str
    k: int = Field(5, ge=1, le=50)


def get_model():
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer("BAAI/bge-base-en-v1.5")


@router.post("/search")
def search(query: Query, model=Depends(get_model)):
    from qdrant_client import QdrantClient

    vector = model.encode([query.q])[0]
    client = QdrantClient(url=os.environ["QDRANT"])
    hits = client.search("docs", vector.tolist(), limit=query.k)
    return [{"id": h.id, "score": float(np.round(h.score, 3))} for h in hits]


@router.post("/ask")
async def ask(query: Query):
    import requests

    r = requests.post("https://llm.internal/v1/complete", json={"prompt": query.q}, timeout=60)
    if r.status_code != 200:
        raise HTTPException(502)
    return r.json()


web = FastAPI()
web.include_router(router)


@app.function(secrets=[modal.Secret.from_name("qdrant")], timeout=5 * MINUTE)
@modal.concurrent(max_inputs=40)
@modal.asgi_app(label="rag")
def serve():
    return web
