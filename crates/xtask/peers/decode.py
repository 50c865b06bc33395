"""Reads and writes tokens with llama.cpp: decode.py MODEL THREADS cpu|gpu

Prints "ready" once the model is loaded. Each line {"prompt": [ids], "write": n} on standard input has the prompt read from an
empty cache and n tokens written greedily after it; it is answered with {"read": seconds, "write": seconds}.
"""

import json
import sys
import time

import llama_cpp
import numpy
from llama_cpp import Llama

path, threads, device = sys.argv[1], int(sys.argv[2]), sys.argv[3]
if device == "gpu" and not llama_cpp.llama_supports_gpu_offload():
    sys.exit("this llama.cpp was built without a GPU: install llama-cpp-python with CMAKE_ARGS=-DGGML_CUDA=on or -DGGML_VULKAN=on")
layers = 999 if device == "gpu" else 0
model = Llama(
    path, n_ctx=4096, n_batch=512, n_threads=threads, n_threads_batch=threads, n_gpu_layers=layers, verbose=False
)


def likeliest():
    """The token that follows what was read last."""
    logits = llama_cpp.llama_get_logits_ith(model._ctx.ctx, -1)
    return int(numpy.argmax(numpy.ctypeslib.as_array(logits, (model.n_vocab(),))))


model.eval(list(range(40, 60)))
print("ready", flush=True)
for line in sys.stdin:
    request = json.loads(line)
    model.reset()
    start = time.perf_counter()
    model.eval(request["prompt"])
    token = likeliest()
    read = time.perf_counter() - start
    start = time.perf_counter()
    for _ in range(request["write"]):
        model.eval([token])
        token = likeliest()
    print(json.dumps({"read": read, "write": time.perf_counter() - start}), flush=True)
