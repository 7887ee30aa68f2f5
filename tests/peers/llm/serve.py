"""A real llama.cpp server on loopback with a model of its own making.

The model is a Llama of two small layers with weights drawn from a seed, over a vocabulary of single bytes.
It knows nothing and babbles until its limit; whatever binds it (a grammar, a schema) is all that gives its
words a shape, which is what a test of the wire needs. Says where it listens in one line of JSON, and ends
with its standard input.

    serve.py FOLDER
"""

import json
import os
import sys

import gguf
import numpy
import xllamacpp

WIDTH, HEADS, LAYERS, INNER, ROOM = 64, 4, 2, 128, 16384
# The place of byte 0 in the vocabulary.
FIRST_BYTE = 3


def vocabulary(writer):
    """Three control tokens and the 256 bytes, as SentencePiece with byte fallback has them."""
    tokens = [b"<unk>", b"<s>", b"</s>"] + [f"<0x{byte:02X}>".encode() for byte in range(256)]
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL] + [gguf.TokenType.BYTE] * 256
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(kinds)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template("{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:")
    return len(tokens)


def write_model(path):
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(ROOM)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    size = vocabulary(writer)
    writer.add_vocab_size(size)
    seeded = numpy.random.default_rng(7)

    def weights(name, *shape):
        writer.add_tensor(name, seeded.normal(0, 0.08, shape).astype(numpy.float32))

    def ones(name):
        writer.add_tensor(name, numpy.ones(WIDTH, dtype=numpy.float32))

    # The first dimension is the same for every token and survives to the end, so that it works as a bias: against
    # the end of the text (it says as much as it may), and against bytes that alone are no character.
    embedding = seeded.normal(0, 0.08, (size, WIDTH)).astype(numpy.float32)
    embedding[:, 0] = 2.0
    writer.add_tensor("token_embd.weight", embedding)
    ones("output_norm.weight")
    output = seeded.normal(0, 0.08, (size, WIDTH)).astype(numpy.float32)
    output[:, 0] = 0.0
    said = [FIRST_BYTE + byte for byte in (10, *range(32, 127))]
    output[[token for token in range(size) if token not in said], 0] = -8.0
    writer.add_tensor("output.weight", output)
    for layer in range(LAYERS):
        at = f"blk.{layer}."
        ones(at + "attn_norm.weight")
        ones(at + "ffn_norm.weight")
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            weights(f"{at}{part}.weight", WIDTH, WIDTH)
        weights(at + "ffn_gate.weight", INNER, WIDTH)
        weights(at + "ffn_up.weight", INNER, WIDTH)
        weights(at + "ffn_down.weight", WIDTH, INNER)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    path = os.path.join(sys.argv[1], "babble.gguf")
    write_model(path)
    params = xllamacpp.CommonParams()
    params.model.path = path
    params.model_alias = {"babble"}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = ROOM
    params.n_parallel = 1
    params.n_gpu_layers = 0
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.warmup = False
    params.fit_params = False
    params.offline = True
    params.ui = False
    params.endpoint_slots = True
    params.api_keys = ["sk-of-nobody"]
    params.verbosity = 1
    server = xllamacpp.Server(params)
    print(json.dumps({"address": server.listening_address, "model": "babble"}), flush=True)
    sys.stdin.read()
    # What is under way is not waited for.
    os._exit(0)


main()
