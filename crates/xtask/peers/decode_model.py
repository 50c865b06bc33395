"""Writes a GGUF file with random weights in the shape of Qwen2.5-0.5B or 7B: decode_model.py FILE 0.5b|7b q8_0|q4_0

The vocabulary has the 256 bytes, so that a text has as many tokens as bytes, and names that no text has. The row of the token
that ends a text is zero: its logit is 0, which is never the largest.
"""

import sys

import gguf
import numpy
from gguf.quants import quantize

path, shape, stored = sys.argv[1:4]
HIDDEN, WIDE, LAYERS, HEADS, SHARED, WORDS = {
    "0.5b": (896, 4864, 24, 14, 2, 151936),
    "7b": (3584, 18944, 28, 28, 4, 152064),
}[shape]
CONTEXT, END = 4096, 256

kind = {"q8_0": gguf.GGMLQuantizationType.Q8_0, "q4_0": gguf.GGMLQuantizationType.Q4_0}[stored]
random = numpy.random.default_rng(7)


def alphabet():
    """How byte-level vocabularies write the 256 bytes: those that can be seen as they are, the rest from 256 on."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    other = iter(range(256, 512))
    return [chr(byte) if byte in seen else chr(next(other)) for byte in range(256)]


writer = gguf.GGUFWriter(path, "qwen2")
writer.add_block_count(LAYERS)
writer.add_context_length(CONTEXT)
writer.add_embedding_length(HIDDEN)
writer.add_feed_forward_length(WIDE)
writer.add_head_count(HEADS)
writer.add_head_count_kv(SHARED)
writer.add_layer_norm_rms_eps(1e-6)
writer.add_rope_freq_base(1000000.0)
writer.add_vocab_size(WORDS)
writer.add_tokenizer_model("gpt2")
writer.add_tokenizer_pre("qwen2")
tokens = alphabet() + ["<|endoftext|>", "ĠĠ"] + [f"unused{number}" for number in range(WORDS - 258)]
writer.add_token_list(tokens)
writer.add_token_types([1] * 256 + [3] + [1] * (WORDS - 257))
writer.add_token_merges(["Ġ Ġ"])
writer.add_eos_token_id(END)
writer.add_bos_token_id(END)
writer.add_add_bos_token(False)


def put(name, *shape):
    values = random.standard_normal(shape, dtype=numpy.float32)
    if len(shape) == 1:
        writer.add_tensor(name, values * 0.1 + (1.0 if name.endswith("norm.weight") else 0.0))
        return
    values /= shape[-1] ** 0.5
    # The row of the token that ends a text, in whatever is the head.
    if name in ("token_embd.weight", "output.weight"):
        values[END] = 0.0
    writer.add_tensor(name, quantize(values, kind), raw_dtype=kind)


width = HIDDEN // HEADS
put("token_embd.weight", WORDS, HIDDEN)
if shape == "7b":
    put("output.weight", WORDS, HIDDEN)
put("output_norm.weight", HIDDEN)
for layer in range(LAYERS):
    part = f"blk.{layer}."
    put(part + "attn_norm.weight", HIDDEN)
    put(part + "ffn_norm.weight", HIDDEN)
    for name, outputs in (("attn_q", HIDDEN), ("attn_k", SHARED * width), ("attn_v", SHARED * width)):
        put(part + name + ".weight", outputs, HIDDEN)
        put(part + name + ".bias", outputs)
    put(part + "attn_output.weight", HIDDEN, HIDDEN)
    put(part + "ffn_gate.weight", WIDE, HIDDEN)
    put(part + "ffn_up.weight", WIDE, HIDDEN)
    put(part + "ffn_down.weight", HIDDEN, WIDE)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
