"""Uses a host through the package `llm`, and prints one JSON line for each check.

    python llm_client.py BASE_URL TOKEN MODEL

BASE_URL is that of the routes, such as http://127.0.0.1:8080/v1. MODEL is the id of a language model of the host. The host is
made known to `llm` as its users do: in `extra-openai-models.yaml` and `keys.json`. The exit status is 1 when a check failed.
"""

import json
import os
import pathlib
import sys
import tempfile
import traceback

base_url, token, model_id = sys.argv[1:4]
folder = tempfile.TemporaryDirectory()
os.environ["LLM_USER_PATH"] = folder.name
entry = {
    "model_id": "local",
    "model_name": model_id,
    "api_base": base_url,
    "api_key_name": "ambit",
    "supports_schema": True,
    "supports_tools": True,
}
# JSON is YAML as well.
pathlib.Path(folder.name, "extra-openai-models.yaml").write_text(json.dumps([entry]))
pathlib.Path(folder.name, "keys.json").write_text(json.dumps({"ambit": token}))

import llm  # Reads the environment when it is imported.

failures = 0


def check(name):
    """Runs a check at once; what it returns is told with its result."""

    def run(function):
        global failures
        try:
            told = {"check": name, "ok": True, "told": function()}
        except Exception as error:  # A failed check is a result like any other.
            failures += 1
            last = traceback.extract_tb(error.__traceback__)[-1]
            told = {"check": name, "ok": False, "error": f"{type(error).__name__}: {error} (line {last.lineno})"}
        print(json.dumps(told, ensure_ascii=False), flush=True)

    return run


GREEDY = {"temperature": 0, "max_tokens": 24, "seed": 1}
model = llm.get_model("local")
whole = {}


@check("a question is answered whole")
def _():
    response = model.prompt("Say hello.", system="Answer briefly.", stream=False, **GREEDY)
    whole["text"] = response.text()
    usage = response.usage()
    assert usage.input > 0 and 0 < usage.output <= 24, usage
    return whole["text"]


@check("an answer streams the same text")
def _():
    response = model.prompt("Say hello.", system="Answer briefly.", stream=True, **GREEDY)
    pieces = list(response)
    assert "".join(pieces) == whole["text"], pieces
    assert response.usage().output > 0, response.usage()
    return len(pieces)


@check("a conversation goes on")
def _():
    conversation = model.conversation()
    first = conversation.prompt("Say hello.", **GREEDY)
    first.text()
    second = conversation.prompt("Again.", **GREEDY)
    second.text()
    assert second.usage().input > first.usage().input, "the second question comes with the first"


@check("an answer fits a schema, whole and in pieces")
def _():
    schema = {
        "type": "object",
        "properties": {"kind": {"enum": ["cat", "dog"]}, "age": {"type": "integer", "minimum": 0, "maximum": 99}},
        "required": ["kind", "age"],
        "additionalProperties": False,
    }
    texts = [
        model.prompt("Who is it?", schema=schema, stream=stream, **{**GREEDY, "max_tokens": 800}).text()
        for stream in (False, True)
    ]
    assert texts[0] == texts[1], texts
    person = json.loads(texts[0])
    assert person["kind"] in ("cat", "dog") and 0 <= person["age"] <= 99, person
    return person


@check("tools may be offered")
def _():
    def weather(city: str) -> str:
        """Tells the weather."""
        return f"sunny in {city}"

    for stream in (False, True):
        model.prompt("Say hello.", tools=[weather], stream=stream, **GREEDY).text()


@check("a wrong key is told")
def _():
    try:
        model.prompt("Say hello.", key="ambit_0000", stream=False, **GREEDY).text()
    except Exception as error:
        return str(error)
    raise AssertionError("it was taken")


sys.exit(1 if failures else 0)
