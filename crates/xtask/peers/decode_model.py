"""Writes a GGUF file with random weights in the shape of Qwen2.5-0.5B or 7B: decode_model.py FILE 0.5b|7b q8_0|q4_0 [chain]

The vocabulary has the 256 bytes, so that a text has as many tokens as bytes, and names that no text has. The row of the token
that ends a text is zero: its logit is 0, which is never the largest.

With `chain`, there are also 4096 words of three letters with a space before them, of a token each, and the model is sure which
word follows which: layers add little to the embedding of a word, and the head has that embedding in the row of the next one. A
pass costs what it costs with random weights, but what is written is known beforehand.
"""

import sys

import gguf
import numpy
from gguf.quants import quantize

path, shape, stored = sys.argv[1:4]
is_chain = sys.argv[4:] == ["chain"]
HIDDEN, WIDE, LAYERS, HEADS, SHARED, WORDS = {
    "0.5b": (896, 4864, 24, 14, 2, 151936),
    "7b": (3584, 18944, 28, 28, 4, 152064),
}[shape]
CONTEXT, END = 4096, 256
LETTERS = "abcdefghijklmnop"
# Word number n is followed by STEP * n + START, modulo their count: a cycle through all of them.
STEP, START = 1229, 331

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
tokens, merges = alphabet() + ["<|endoftext|>", "ĠĠ"], ["Ġ Ġ"]
words = range(0)
if is_chain:
    beginnings = ["Ġ"]
    for _ in range(3):
        merges += [f"{beginning} {letter}" for beginning in beginnings for letter in LETTERS]
        beginnings = [beginning + letter for beginning in beginnings for letter in LETTERS]
        words = range(len(tokens), len(tokens) + len(beginnings))
        tokens += beginnings
tokens += [f"unused{number}" for number in range(WORDS - len(tokens))]
writer.add_token_list(tokens)
writer.add_token_types([1] * 256 + [3] + [1] * (WORDS - 257))
writer.add_token_merges(merges)
writer.add_eos_token_id(END)
writer.add_bos_token_id(END)
writer.add_add_bos_token(False)


def put(name, *shape):
    values = random.standard_normal(shape, dtype=numpy.float32)
    if len(shape) == 1:
        writer.add_tensor(name, values * 0.1 + (1.0 if name.endswith("norm.weight") else 0.0))
        return
    values /= shape[-1] ** 0.5
    if is_chain and name == "token_embd.weight":
        embedding[:] = values[words.start : words.stop]
        # As large as what a layer reads, so that what layers add is little beside it.
        values *= HIDDEN**0.5
    elif is_chain and name == "output.weight":
        following = [words[(STEP * number + START) % len(words)] for number in range(len(words))]
        values[following] = embedding
    elif is_chain and name.endswith(("attn_output.weight", "ffn_down.weight")):
        values *= 0.02
    # The row of the token that ends a text, in whatever is the head.
    if name in ("token_embd.weight", "output.weight"):
        values[END] = 0.0
    writer.add_tensor(name, quantize(values, kind), raw_dtype=kind)


embedding = numpy.zeros((len(words), HIDDEN), dtype=numpy.float32)


width = HIDDEN // HEADS
put("token_embd.weight", WORDS, HIDDEN)
if shape == "7b" or is_chain:
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
