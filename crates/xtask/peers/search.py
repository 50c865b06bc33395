"""Puts vectors into a persistent Chroma collection, asks the queries one by one and prints how long each took.

Reads {"vectors": file, "queries": file, "dimension": n, "count": n, "limit": n, "folder": folder, "rounds": n} from the
file named by the only argument; vectors and queries are little-endian f32. Prints one JSON object as the last line: the
latency of each query in milliseconds, the ids found, the seconds of building, the version. Chroma's settings are its
defaults but for the distance, which is the cosine.
"""

import json
import sys
import time

import chromadb
import numpy
from chromadb.config import Settings

request = json.load(open(sys.argv[1], encoding="utf-8"))
dimension, limit = request["dimension"], request["limit"]
vectors = numpy.memmap(request["vectors"], dtype="<f4", mode="r").reshape(-1, dimension)[: request["count"]]
queries = numpy.fromfile(request["queries"], dtype="<f4").reshape(-1, dimension)

client = chromadb.PersistentClient(request["folder"], settings=Settings(anonymized_telemetry=False))
collection = client.create_collection(
    "passages", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
)
start = time.perf_counter()
batch = min(client.get_max_batch_size(), 5000)
for first in range(0, len(vectors), batch):
    part = vectors[first : first + batch]
    collection.add(ids=[str(first + offset) for offset in range(len(part))], embeddings=part)
build_seconds = time.perf_counter() - start


def ask(query):
    start = time.perf_counter()
    answer = collection.query(query_embeddings=[query], n_results=limit, include=["distances"])
    return (time.perf_counter() - start) * 1000, [int(found) for found in answer["ids"][0]]


# The first round warms the caches.
first = [ask(query) for query in queries]
answers = [ask(query) for _ in range(request["rounds"]) for query in queries]
print(
    json.dumps(
        {
            "milliseconds": [latency for latency, _ in answers],
            "found": [found for _, found in first],
            "build_seconds": build_seconds,
            "version": chromadb.__version__,
        }
    )
)
