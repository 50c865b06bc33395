"""Reads and writes tokens with llama.cpp: decode.py MODEL THREADS

Prints "ready" once the model is loaded. Each line {"prompt": [ids], "write": n} on standard input has the prompt read from an
empty cache and n tokens written greedily after it; it is answered with {"read": seconds, "write": seconds}.
"""

import json
import sys
import time

import numpy
from llama_cpp import Llama

path, threads = sys.argv[1], int(sys.argv[2])
model = Llama(path, n_ctx=4096, n_batch=512, n_threads=threads, n_threads_batch=threads, verbose=False)
model.eval(list(range(40, 60)))
print("ready", flush=True)
for line in sys.stdin:
    request = json.loads(line)
    model.reset()
    model._ctx.kv_cache_clear() if hasattr(model._ctx, "kv_cache_clear") else None
    start = time.perf_counter()
    model.eval(request["prompt"])
    token = int(numpy.argmax(model.scores[model.n_tokens - 1]))
    read = time.perf_counter() - start
    start = time.perf_counter()
    for _ in range(request["write"]):
        model.eval([token])
        token = int(numpy.argmax(model.scores[model.n_tokens - 1]))
    print(json.dumps({"read": read, "write": time.perf_counter() - start}), flush=True)
