"""Embeds texts with sentence-transformers on PyTorch's CPU backend, one round for each line that it is sent.

Reads {"model": folder, "texts": [...], "threads": n, "vectors": file} from the file named by the only argument, loads
the model and prints "ready". Each line "round" on standard input has all texts embedded once and is answered with the
seconds that this took. The line "end" is answered with one JSON object: tokens of all texts, the matmul peak in GFLOP/s,
versions; the vectors of the last round are then in "vectors", as little-endian f32 in the order of the texts.
"""

import json
import os
import sys
import time

request = json.load(open(sys.argv[1], encoding="utf-8"))
threads = request["threads"]
# Read by the OpenMP and BLAS libraries when they are loaded, so before the first import of torch.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[variable] = str(threads)
os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TOKENIZERS_PARALLELISM="true")

import sentence_transformers
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer


def matmul_peak(size: int) -> float:
    """GFLOP/s of the fastest of eight f32 products of two square matrices."""
    left, right = torch.randn(size, size), torch.randn(size, size)
    fastest = float("inf")
    for _ in range(8):
        start = time.perf_counter()
        left @ right
        fastest = min(fastest, time.perf_counter() - start)
    return 2 * size**3 / fastest / 1e9


torch.set_num_threads(threads)
transformer = Transformer(request["model"], max_seq_length=256)
dimension = transformer.get_embedding_dimension() if hasattr(transformer, "get_embedding_dimension") else 384
model = SentenceTransformer(
    modules=[transformer, Pooling(dimension, pooling_mode="mean"), Normalize()], device="cpu"
).eval()
texts = request["texts"]
tokens = sum(
    len(ids) for ids in transformer.tokenizer(texts, truncation=True, max_length=256)["input_ids"]
)

model.encode(texts[:64], batch_size=32, show_progress_bar=False)
print("ready", flush=True)
vectors = None
for line in sys.stdin:
    if line.strip() == "end":
        break
    start = time.perf_counter()
    vectors = model.encode(texts, batch_size=32, show_progress_bar=False, convert_to_numpy=True)
    print(time.perf_counter() - start, flush=True)
if vectors is not None:
    vectors.astype("<f4").tofile(request["vectors"])
print(
    json.dumps(
        {
            "tokens": tokens,
            "peak_gflops": matmul_peak(2048),
            "torch": torch.__version__,
            "sentence_transformers": sentence_transformers.__version__,
        }
    ),
    flush=True,
)
