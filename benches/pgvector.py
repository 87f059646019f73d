"""The vectors of the 10,000-product benchmark in pgvector: exact, IVFFlat and HNSW, with the recall and time of each.

`cargo bench --bench search` leaves the vectors and its own figures in .build/vectors. A question asks for the 100 nearest units, as
Palompy's retriever does, and counts the chunks of the first ten.
"""

import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pgserver
import psycopg

FOLDER = Path(__file__).resolve().parent.parent / ".build" / "vectors"
UNITS_PER_CHUNK = 256
UNITS = 100
RECALL_AT = 10
# Equal to the exact similarity as far as roundings go.
TIE = 0.0005


def read_units():
    rows = sqlite3.connect(FOLDER / "palompy.db").execute("select id, embedding from chunk_vectors_1 order by id")
    ids, blobs = zip(*rows)
    values = np.frombuffer(b"".join(blobs), dtype=np.int8).reshape(len(ids), -1).astype(np.float32)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    return np.array(ids) // UNITS_PER_CHUNK, values


def read_questions(dimensions):
    questions = np.fromfile(FOLDER / "questions.f32", dtype="<f4").reshape(-1, dimensions)
    return questions / np.linalg.norm(questions, axis=1, keepdims=True)


def best_chunks(chunks, similarities):
    """The first ten different chunks of units that come best first, with the similarity of each."""
    found = {}
    for chunk, similarity in zip(chunks, similarities):
        found.setdefault(int(chunk), float(similarity))
        if len(found) == RECALL_AT:
            break
    return found


def exact(chunks, values, questions):
    similarities = values @ questions.T
    least = []
    for question in range(len(questions)):
        column = similarities[:, question]
        order = np.argsort(-column)[:20000]
        least.append(min(best_chunks(chunks[order], column[order]).values()))
    return least


def binary_rows(chunks, values):
    """What PostgreSQL's binary COPY reads: a chunk's number and a vector in pgvector's own form, row by row."""
    count, dimensions = values.shape
    rows = np.zeros(
        count,
        dtype=[
            ("fields", ">i2"),
            ("chunk_size", ">i4"),
            ("chunk", ">i4"),
            ("vector_size", ">i4"),
            ("dimensions", ">i2"),
            ("unused", ">i2"),
            ("values", ">f4", (dimensions,)),
        ],
    )
    rows["fields"], rows["chunk_size"], rows["vector_size"] = 2, 4, 4 + 4 * dimensions
    rows["chunk"], rows["dimensions"], rows["values"] = chunks, dimensions, values
    return b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff"


def text_of(vector):
    return "[" + ",".join(f"{value:.6f}" for value in vector) + "]"


def measure(cursor, questions, least, setting=None):
    if setting:
        cursor.execute(f"set {setting}")
    times, found, wanted = [], 0, 0
    sql = "select chunk, 1 - (embedding <=> %s::vector) from units order by embedding <=> %s::vector limit %s"
    for question in questions:
        text = text_of(question)
        started = time.perf_counter()
        rows = cursor.execute(sql, (text, text, UNITS), prepare=True).fetchall()
        times.append((time.perf_counter() - started) * 1e3)
        question_number = len(times) - 1
        hits = best_chunks([row[0] for row in rows], [row[1] for row in rows])
        wanted += len(hits)
        found += sum(similarity >= least[question_number] - TIE for similarity in hits.values())
    times.sort()
    return statistics.median(times), times[min(len(times) - 1, int(len(times) * 0.99))], found / wanted


def report(what, figures, note=""):
    p50, p99, recall = figures
    print(f"{what:<44} | {p50:>7.2f} / {p99:>7.2f} ms | recall@10 {recall:.3f} | {note}", flush=True)


def main():
    if not (FOLDER / "own.txt").exists():
        sys.exit("run `cargo bench --bench search` first: it leaves the vectors")
    chunks, values = read_units()
    questions = read_questions(values.shape[1])
    least = exact(chunks, values, questions)
    print(f"{len(values)} vectors of {values.shape[1]} dimensions, {len(questions)} questions; p50 / p99")
    report("Palompy", [float(figure) for figure in (FOLDER / "own.txt").read_text().split()], "the same run")
    with tempfile.TemporaryDirectory() as folder:
        server = pgserver.get_server(folder)
        with psycopg.connect(server.get_uri(), autocommit=True) as connection, connection.cursor() as cursor:
            compare(cursor, chunks, values, questions, least)
        server.cleanup()


def compare(cursor, chunks, values, questions, least):
    cursor.execute("create extension vector")
    cursor.execute("set maintenance_work_mem = '1GB'")
    cursor.execute(f"create table units (chunk int, embedding vector({values.shape[1]}))")
    with cursor.copy("copy units (chunk, embedding) from stdin (format binary)") as copy:
        copy.write(binary_rows(chunks, values))
    cursor.execute("analyze units")
    report("pgvector, exact", measure(cursor, questions[:20], least))
    for index, settings in (
        ("ivfflat (embedding vector_cosine_ops) with (lists = 350)", ["ivfflat.probes = 5", "ivfflat.probes = 20", "ivfflat.probes = 60"]),
        ("hnsw (embedding vector_cosine_ops)", ["hnsw.ef_search = 100", "hnsw.ef_search = 200", "hnsw.ef_search = 400"]),
    ):
        started = time.perf_counter()
        cursor.execute(f"create index units_index on units using {index}")
        made = f"index made in {time.perf_counter() - started:.0f} s"
        for setting in settings:
            measure(cursor, questions, least, setting)
            report(f"pgvector, {setting}", measure(cursor, questions, least, setting), made)
        cursor.execute("drop index units_index")


main()
