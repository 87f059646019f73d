#!/usr/bin/env python3
"""Learns the constants of src/retrieval/calibration.rs from what search knew about each candidate.

    cargo run --example ranking_evidence -- ru SHOP.json EVAL.jsonl ... > evidence.jsonl
    python scripts/fit_ranking.py evidence.jsonl [--check other.jsonl]

A changed weight changes the scores that confidence looks at: write the weights down, make the evidence anew, then take the confidence.

Weights: of all sources found for a question, the right ones should have the highest score (a softmax over the sources,
maximum likelihood with an L2 penalty, no weight below zero), then scaled to add up to 1. Figures of the learned weights are by
ten-fold cross-validation over questions.

Confidence: a logistic model of the signs tells questions with an answer from those without; questions that name an identifier or lean
on a conversation are left out of the fit. The threshold is where --false-refusals of the answerable questions are refused, by
cross-validation. Only evaluation sets that may be tuned on belong in the first file; those to --check are
measured in total and nothing else. Needs numpy and scipy.
"""

import argparse
import collections
import json

import numpy as np
from scipy.optimize import minimize

KINDS = ["lexical", "vector", "second_vector", "whole_vector", "coverage", "name_coverage", "name_precision", "kinship"]
SIGNS = ["score", "whole_vector", "unsold", "unnamed", "bare_unnamed"]
FOLDS = 10
SIGN_PENALTY = 0.001


class Asked:
    """One question: evidence by source (rows) and kind (columns), and which sources are right."""

    def __init__(self, line):
        self.set = line["set"].rsplit("/", 1)[-1].removesuffix(".jsonl")
        self.line = line
        self.kind = line["kind"]
        self.expect = set(line["expect"])
        self.evidence = np.array([[hit["evidence"][kind] for kind in KINDS] for hit in line["hits"]]).reshape(-1, len(KINDS))
        self.identified = np.array([hit["evidence"]["identifier"] for hit in line["hits"]])
        self.signs = np.array([line["signs"][sign] for sign in SIGNS] + [1.0])
        self.is_identified = line["signs"]["identifier"] == 1.0
        self.right = np.array([hit["source"] in self.expect for hit in line["hits"]], dtype=bool)

    def rank(self, weights):
        """The place of the first right source, a tie counting as a miss; infinite when none was found."""
        if not self.right.any():
            return np.inf
        score = self.evidence @ weights + 1000 * self.identified
        return 1 + int((score[~self.right] >= score[self.right].max()).sum())

    def searched_rank(self):
        places = np.flatnonzero(self.right)
        return 1 + int(places[0]) if len(places) else np.inf


def fit(questions, penalty):
    usable = [q for q in questions if q.right.any() and not q.right.all() and not q.identified.any()]

    def loss(weights):
        total, gradient = 0.0, np.zeros(len(KINDS))
        for question in usable:
            score = question.evidence @ weights
            share = np.exp(score - score.max())
            share /= share.sum()
            right = share * question.right
            total -= np.log(right.sum())
            gradient += question.evidence.T @ (share - right / right.sum())
        count = len(usable)
        return total / count + penalty * weights @ weights / 2, gradient / count + penalty * weights

    start = np.ones(len(KINDS))
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(KINDS)).x


def cross_validated(questions, penalty):
    order = np.random.RandomState(0).permutation(len(questions))
    ranks = {}
    for fold in range(FOLDS):
        tested = set(order[fold::FOLDS].tolist())
        weights = fit([q for i, q in enumerate(questions) if i not in tested], penalty)
        ranks.update({i: questions[i].rank(weights) for i in tested})
    return [ranks[i] for i in range(len(questions))]


def fit_confidence(questions):
    signs = np.array([q.signs for q in questions if not q.is_identified])
    answerable = np.array([bool(q.expect) for q in questions if not q.is_identified], float)

    def loss(weights):
        evidence = signs @ weights
        penalized = np.append(weights[:-1], 0)
        error = 1 / (1 + np.exp(-evidence)) - answerable
        value = np.mean(np.logaddexp(0, evidence) - answerable * evidence) + SIGN_PENALTY * penalized @ penalized / 2
        return value, signs.T @ error / len(signs) + SIGN_PENALTY * penalized

    return minimize(loss, np.zeros(len(SIGNS) + 1), jac=True, method="L-BFGS-B").x


def confidences(questions, weights):
    return np.array([1.0 if q.is_identified else 1 / (1 + np.exp(-(q.signs @ weights))) for q in questions])


def cross_validated_confidences(questions):
    order = np.random.RandomState(0).permutation(len(questions))
    found = np.zeros(len(questions))
    for fold in range(FOLDS):
        tested = order[fold::FOLDS]
        weights = fit_confidence([questions[i] for i in np.setdiff1d(order, tested)])
        found[tested] = confidences([questions[i] for i in tested], weights)
    return found


def refusals(title, questions, found, threshold):
    answerable = np.array([bool(q.expect) for q in questions])
    refused = found < threshold
    right = (refused & ~answerable).sum()
    print(
        f"{title}: recall {right / max((~answerable).sum(), 1):.2f}, precision {right / max(refused.sum(), 1):.2f},"
        f" refused wrongly {refused[answerable].mean():.3f}"
    )


def report_confidence(questions, held, share):
    questions = [q for q in questions if not q.line["has_history"]]
    found = cross_validated_confidences(questions)
    answerable = np.sort(found[[bool(q.expect) for q in questions]])
    threshold = answerable[int(share * len(answerable))]
    for name in sorted({q.set for q in questions}):
        chosen = [i for i, q in enumerate(questions) if q.set == name]
        refusals(f"refusals, {name}", [questions[i] for i in chosen], found[chosen], threshold)
    refusals("refusals, cross-validated", questions, found, threshold)
    weights = fit_confidence(questions)
    if held:
        held = [q for q in held if not q.line["has_history"]]
        refusals("refusals, checked", held, confidences(held, weights), threshold)
    print("confidence", {sign: round(float(weight), 2) for sign, weight in zip(SIGNS + ["constant"], weights)})
    print("answer_threshold", round(float(threshold), 2))


def figures(ranks):
    ranks = np.array(ranks, float)
    return f"{(ranks <= 1).mean():.3f} {(ranks <= 5).mean():.3f} {np.where(ranks <= 10, 1 / ranks, 0).mean():.3f}"


def table(title, questions, ranks, by_kind=False):
    groups = collections.defaultdict(list)
    for question, rank in zip(questions, ranks):
        if question.expect:
            groups[question.set].append(rank)
            groups["all"].append(rank)
            if by_kind:
                groups[f"{question.set} {question.kind}"].append(rank)
    print(f"{title}: hit@1 hit@5 MRR@10")
    for name in sorted(groups):
        print(f"    {name:32} {len(groups[name]):4}  {figures(groups[name])}")


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [Asked(json.loads(line)) for line in lines]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("evidence")
    parser.add_argument("--check", help="evidence of sets that nothing is learned from")
    parser.add_argument("--penalty", type=float, default=0.02)
    parser.add_argument("--kinds", action="store_true", help="figures by kind of question")
    parser.add_argument("--false-refusals", type=float, default=0.05, help="share of answerable questions that may be refused")
    options = parser.parse_args()
    questions = [question for question in read(options.evidence)]
    for index, kind in enumerate(KINDS):
        alone = np.eye(len(KINDS))[index]
        print(f"{kind:16} alone", figures([q.rank(alone) for q in questions if q.expect]))
    table("cross-validated", questions, cross_validated(questions, options.penalty), options.kinds)
    weights = fit(questions, options.penalty)
    weights /= weights.sum()
    table("as searched, with attributes", questions, [q.searched_rank() for q in questions], options.kinds)
    held = read(options.check) if options.check else []
    if held:
        table("checked", held, [q.rank(weights) for q in held])
        table("checked as searched", held, [q.searched_rank() for q in held])
    print("weights", {kind: round(float(weight), 2) for kind, weight in zip(KINDS, weights)})
    report_confidence(questions, held, options.false_refusals)


if __name__ == "__main__":
    main()
