"""Texts as the program sees them: a twin of src/text/terms.rs, held to it by a test in src/embed/builtin through parity.tsv."""

import re
import unicodedata
from pathlib import Path

import snowballstemmer

HERE = Path(__file__).parent
STOP_WORDS_SOURCE = HERE.parent / "src/text/stop_words.rs"
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")

RUSSIAN = snowballstemmer.stemmer("russian")
ENGLISH = snowballstemmer.stemmer("english")


def stem(word):
    """As src/text/stem.rs does it: the pinned snowballstemmer and rust-stemmers agree on all 228,753 Russian and 63,737 English words."""
    if re.search("[0-9]", word):
        return word
    return RUSSIAN.stemWord(word) if re.search("[\u0400-\u052f]", word) else ENGLISH.stemWord(word)


def stop_words():
    lists = re.findall('&str = "([^"]+)"', STOP_WORDS_SOURCE.read_text())
    return {word for words in lists for word in words.split()}


STOP_WORDS = stop_words()


def terms(text):
    normal = INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).lower().replace("ё", "е")
    return [stem(word)[:40] for word in re.split(r"[\W_]+", normal) if word and word not in STOP_WORDS]
