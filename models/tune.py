"""Learns from pairs of a question and the text that answers it: one linear map for all words, and small moves of the words seen.

The map takes the joined vectors of all sources to the dimensions of the table, so that what it learns holds for words that no
pair has. The loss is InfoNCE over all sources of the pairs: a question must be nearer to its own source than to the others.
"""

from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, vstack

from terms import terms

HERE = Path(__file__).parent
STEPS, LEARNING_RATE = 60, 3e-4
TEMPERATURE = 0.07
# The share of words left out at random in each step, so that no pair is learned by one word.
DROPPED = 0.1
# Each source also asks for itself by a few of its own words: what is named must not drown in what is alike.
FRAGMENT_DROPPED = 0.7
# How strongly the map is held to where it began.
MAP_DECAY, MOVE_DECAY = 1e-3, 1e-4


def read_pairs():
    """Topic, source and questions: `# topic`, then `= source` with a line of questions between bars under it."""
    pairs, topic, source = [], None, None
    for name in ("pairs_ru.txt", "pairs_en.txt", "pairs_cross.txt"):
        for line in (HERE / name).read_text().splitlines():
            if line.startswith("# "):
                topic = line[2:]
            elif line.startswith("= "):
                source = line[2:]
            elif line:
                pairs.append((topic, source, [question.strip() for question in line.split("|")]))
    return pairs


def bags(texts, rows):
    """How often each text has each word, texts by words."""
    found = [(place, rows[term]) for place, text in enumerate(texts) for term in terms(text) if term in rows]
    places, columns = np.array(found).T
    return csr_matrix((np.ones(len(found), np.float32), (places, columns)), (len(texts), len(rows)))


class Adam:
    def __init__(self, parameter):
        self.parameter = parameter
        self.mean, self.square = np.zeros_like(parameter), np.zeros_like(parameter)

    def step(self, gradient, count):
        self.mean += 0.1 * (gradient - self.mean)
        self.square += 0.02 * (gradient**2 - self.square)
        moved = (self.mean / (1 - 0.9**count)) / (np.sqrt(self.square / (1 - 0.98**count)) + 1e-8)
        self.parameter -= LEARNING_RATE * moved


def normalized(sums):
    lengths = np.linalg.norm(sums, axis=1, keepdims=True) + 1e-6
    return sums / lengths, lengths


def through_length(gradient, directions, lengths):
    return (gradient - directions * (gradient * directions).sum(axis=1, keepdims=True)) / lengths


def learn(features, start, weights, keys, pairs):
    """Rows of all words in the table's dimensions, not normalized.

    `features` are words by source dimensions, `start` the map to begin with, `weights` one number per word.
    """
    rows = {key: row for row, key in enumerate(keys)}
    questions = [(question, place) for place, (_, _, asked) in enumerate(pairs) for question in asked]
    asked = bags([question for question, _ in questions], rows)
    sources = bags([source for _, source, _ in pairs], rows)
    own = np.array([place for _, place in questions])
    seen = np.unique(np.concatenate([asked.indices, sources.indices]))
    asked, sources = asked[:, seen], sources[:, seen]
    seen_features, seen_weights = features[seen], weights[seen][:, None].astype(np.float32)

    linear, moves = start.copy(), np.zeros((len(seen), start.shape[1]), np.float32)
    optimizers = (Adam(linear), Adam(moves))
    random = np.random.default_rng(0)

    def thinned(bag, dropped):
        kept = bag.copy()
        kept.data = kept.data * (random.random(len(kept.data)) > dropped).astype(np.float32)
        return kept

    own = np.concatenate([own, np.arange(len(pairs))])
    everyone = np.arange(len(own))
    for count in range(1, STEPS + 1):
        q, s = thinned(asked, DROPPED), thinned(sources, DROPPED)
        q = vstack([q, thinned(sources, FRAGMENT_DROPPED)]).tocsr()
        weighted = seen_weights * (seen_features @ linear + moves)
        (q_directions, q_lengths), (s_directions, s_lengths) = normalized(q @ weighted), normalized(s @ weighted)
        scores = q_directions @ s_directions.T / TEMPERATURE
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        wrong = scores / scores.sum(axis=1, keepdims=True)
        wrong[everyone, own] -= 1
        wrong /= len(own) * TEMPERATURE
        # A fragment that lost all its words asks for nothing.
        wrong[q_lengths[:, 0] < 1e-5] = 0
        q_gradient = through_length(wrong @ s_directions, q_directions, q_lengths)
        s_gradient = through_length(wrong.T @ q_directions, s_directions, s_lengths)
        gradient = seen_weights * (q.T @ q_gradient + s.T @ s_gradient)
        optimizers[0].step(seen_features.T @ gradient + MAP_DECAY * (linear - start), count)
        optimizers[1].step(gradient + MOVE_DECAY * moves, count)
    learned = features @ linear
    learned[seen] += moves
    return learned
