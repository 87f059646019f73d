"""A second implementation of src/embed/builtin/: reads builtin.bin, embeds, and writes the cosines that a Rust test holds both to."""

import re
import struct
from pathlib import Path

import numpy as np

from terms import terms

ALPHABETS = {True: "абвгдежзийклмнопрстуфхцчшщъыьэюя", False: "abcdefghijklmnopqrstuvwxyz"}
HASHED_LENGTH, TYPO_SHARE, PREFIX_SHARE, SHORTEST_STEM = 0.5, 0.5, 0.3, 4
MASK = (1 << 64) - 1
# Known words, forms, both languages, words that the table lacks, a typo, a long unknown word, digits, stop words, nothing.
PAIRS = [
    ("куртка промокает под дождём", "Водостойкость 10000 мм, проклеенные швы"),
    ("сколько ждать посылку", "Доставка занимает 3–7 рабочих дней"),
    ("не подошло, хочу вернуть", "Товар можно сдать в течение 14 дней"),
    ("delivery to another country", "Отправляем заказы за границу"),
    ("рюзкак для ноутбука", "Рюкзак городской, отделение для ноутбука 15,6"),
    ("чайник кряквофлекс", "Кряквофлекс — чайник со свистком"),
    ("суперводонепроницаемость", "Непромокаемый плащ"),
    ("mug for a tea lover", "Porcelain cup with an infuser"),
    ("артикул bp101", "BP101"),
    ("ЁЛКА искусственная", "елки и гирлянды"),
    ("что же это ?!", "Ничего"),
]


def read_table(path):
    blob = Path(path).read_bytes()
    dimensions, count, key_bytes = struct.unpack_from("<3I", blob, 12)
    ends = np.frombuffer(blob, "<u4", count, 36)
    scales = np.frombuffer(blob, "<f4", count, 36 + 4 * count)
    first = 36 + 8 * count
    starts = np.concatenate([[0], ends[:-1]])
    keys = [blob[first + start : first + end].decode() for start, end in zip(starts, ends)]
    rows = np.frombuffer(blob, np.int8, count * dimensions, first + key_bytes).reshape(count, dimensions)
    return {key: row for row, key in enumerate(keys)}, rows * scales[:, None].astype(np.float64)


def mixed(seed):
    seed = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    seed = ((seed ^ (seed >> 27)) * 0x94D049BB133111EB) & MASK
    return seed ^ (seed >> 31)


def signs(letters, dimensions):
    seed = 0xCBF29CE484222325
    for letter in letters:
        seed = ((seed ^ ord(letter)) * 0x100000001B3) & MASK
    bits = []
    while len(bits) < dimensions:
        seed = (seed + 0x9E3779B97F4A7C15) & MASK
        block = mixed(seed)
        bits += [1.0 if block >> place & 1 else -1.0 for place in range(64)]
    return np.array(bits[:dimensions])


class Twin:
    def __init__(self, path):
        self.places, self.rows = read_table(path)
        self.lengths = np.linalg.norm(self.rows, axis=1)

    def embed(self, text, is_question):
        total = np.zeros(self.rows.shape[1])
        for term in terms(text):
            if term in self.places:
                total += self.rows[self.places[term]]
            else:
                total += self.unknown(term, is_question)
        length = np.linalg.norm(total)
        return total / length if length > 0 else total

    def unknown(self, term, is_question):
        marked = f"<{term}>"
        own = sum(signs(marked[i : i + 3], self.rows.shape[1]) for i in range(len(marked) - 2)) + signs(marked, self.rows.shape[1])
        own = HASHED_LENGTH * own / np.linalg.norm(own)
        if re.search("[0-9]", term):
            return own
        typo = self.typo(term) if is_question else None
        if typo is not None:
            return own + TYPO_SHARE * self.rows[typo]
        prefix = self.prefix(term)
        return own if prefix is None else own + PREFIX_SHARE * self.rows[prefix]

    def prefix(self, term):
        shortest = max(SHORTEST_STEM, -(-len(term) * 3 // 5))
        ends = range(len(term) - 1, shortest - 1, -1)
        return next((self.places[term[:end]] for end in ends if term[:end] in self.places), None)

    def typo(self, term):
        if len(term) < SHORTEST_STEM:
            return None
        spellings = set()
        for place in range(len(term) + 1):
            before, after = term[:place], term[place:]
            spellings |= {before + after[1:]} if after else set()
            spellings |= {before + after[1] + after[0] + after[2:]} if len(after) > 1 else set()
            for letter in ALPHABETS[bool(re.search("[\u0400-\u052f]", term))]:
                spellings |= {before + letter + after, before + letter + after[1:]}
        found = [self.places[spelling] for spelling in spellings if spelling in self.places]
        return min(found, key=lambda row: (self.lengths[row], row), default=None)


def write_parity(table, path):
    twin = Twin(table)
    lines = []
    for question, passage in PAIRS:
        cosine = twin.embed(question, True) @ twin.embed(passage, False)
        lines.append(f"{cosine:.5f}\t{question}\t{passage}\n")
    path.write_text("".join(lines))
