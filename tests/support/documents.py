"""Does a JSON document of vtlab follow the schema that it names? Used by the golden and the cli suite."""
import functools
import json
import pathlib

import jsonschema

KINDS = ("results", "observe", "compare", "collection")
DOCS = pathlib.Path(__file__).resolve().parent / "../../docs"


@functools.lru_cache(maxsize=None)
def validator(kind):
    """Of one of these kinds. The others refer to parts of the first, which are put into them: not every
    jsonschema of the distributions that we support follows such references."""
    texts = {name: (DOCS / f"vtlab.{name}.schema.json").read_text() for name in KINDS}
    results = json.loads(texts["results"])
    schema = json.loads(texts[kind].replace(results["$id"] + "#", "#"))
    schema["$defs"] = {**results["$defs"], **schema["$defs"]}
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def complaint(document):
    """What is wrong, with its place; None if nothing is."""
    named = str(document.get("schema", ""))
    kind = next((kind for kind in KINDS if named.startswith(f"vtlab.{kind}/")), "results")
    error = jsonschema.exceptions.best_match(validator(kind).iter_errors(document))
    return None if error is None else f"{error.json_path}: {error.message[:300]}"
