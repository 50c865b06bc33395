"""Uses a host through the package `ollama`, and prints one JSON line for each check.

    python ollama_client.py BASE_URL TOKEN MODEL

BASE_URL is that of the host, such as http://127.0.0.1:8080. TOKEN may be `-` for the port that needs none. MODEL is the id
of a language model of the host. The exit status is 1 when a check failed.
"""

import json
import sys
import traceback

import ollama

base_url, token, model = sys.argv[1:4]
headers = {} if token == "-" else {"Authorization": f"Bearer {token}"}
client = ollama.Client(host=base_url, headers=headers, timeout=120)
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


def refused(status, call):
    """Makes a call that must be refused, and gives the message."""
    try:
        call()
    except ollama.ResponseError as error:
        assert error.status_code == status, f"{error.status_code}: {error}"
        return error.error
    raise AssertionError(f"it was not refused with {status}")


MESSAGES = [{"role": "system", "content": "Answer briefly."}, {"role": "user", "content": "Say hello."}]
GREEDY = {"temperature": 0, "num_predict": 24, "seed": 1}
whole = {}


@check("models are listed")
def _():
    names = [listed.model for listed in client.list().models]
    assert model in names, f"{model} is not among {names}"
    return names


@check("a model is shown")
def _():
    shown = client.show(model)
    assert "completion" in shown.capabilities, shown
    assert shown.modelinfo["ambit.context_length"] > 0, shown
    return shown.modelinfo


@check("a chat is answered whole")
def _():
    answer = client.chat(model, MESSAGES, options=GREEDY)
    assert answer.done and answer.done_reason in ("stop", "length"), answer
    assert answer.message.role == "assistant"
    assert answer.prompt_eval_count > 0 and 0 <= answer.eval_count <= 24, answer
    assert answer.total_duration > 0 and answer.eval_duration >= 0, answer
    whole["chat"] = answer.message.content
    return {"text": answer.message.content, "reason": answer.done_reason, "tokens": answer.eval_count}


@check("a chat streams the same text")
def _():
    parts = list(client.chat(model, MESSAGES, options=GREEDY, stream=True))
    text = "".join(part.message.content for part in parts)
    assert text == whole["chat"], f"{text!r} is not {whole['chat']!r}"
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]
    return len(parts)


@check("a text is written whole and in pieces")
def _():
    ask = {"model": model, "prompt": "Say hello.", "system": "Answer briefly.", "options": GREEDY}
    text = client.generate(**ask).response
    pieces = "".join(part.response for part in client.generate(**ask, stream=True))
    assert pieces == text, f"{pieces!r} is not {text!r}"
    assert text == whole["chat"], "a question is a conversation of one message"
    return text


@check("a text is gone on with as it stands")
def _():
    return client.generate(model, "Once upon a time", raw=True, options=GREEDY).response


@check("a gap is filled, or refused by name")
def _():
    try:
        return client.generate(model, "def add(a, b):\n    return ", suffix="\n\nprint(add(1, 2))\n", options=GREEDY).response
    except ollama.ResponseError as error:
        # Not every model is trained for it.
        assert error.status_code == 400, error
        return error.error


PERSON = {
    "type": "object",
    "properties": {"kind": {"enum": ["cat", "dog"]}, "age": {"type": "integer", "minimum": 0, "maximum": 99}},
    "required": ["kind", "age"],
    "additionalProperties": False,
}


@check("a text fits a schema, or is JSON")
def _():
    options = {**GREEDY, "num_predict": 800}
    answer = client.chat(model, MESSAGES, format=PERSON, options=options)
    person = json.loads(answer.message.content)
    assert answer.done_reason == "stop" and person["kind"] in ("cat", "dog") and 0 <= person["age"] <= 99, answer
    parts = client.chat(model, MESSAGES, format=PERSON, options=options, stream=True)
    assert "".join(part.message.content for part in parts) == answer.message.content
    assert json.loads(client.generate(model, "Who is it?", format=PERSON, options=options).response)["kind"]
    anything = client.generate(model, "Who is it?", format="json", options=options)
    assert anything.response.startswith("{"), anything
    assert anything.done_reason == "length" or isinstance(json.loads(anything.response), dict), anything
    return person


def weather(city: str, days: int) -> str:
    """Tells the weather.

    Args:
        city: where
        days: how many days ahead
    """
    return f"sunny in {city} for {days} days"


@check("tools are offered, and what came of a call is told")
def _():
    client.chat(model, MESSAGES, tools=[weather], options=GREEDY)
    # The model need not call. With a form besides, it either does or writes that.
    parameters = {**PERSON, "properties": {"kind": {"enum": ["sun", "rain"]}, "age": PERSON["properties"]["age"]}}
    tool = {"type": "function", "function": {"name": "report", "parameters": parameters}}
    options = {**GREEDY, "num_predict": 800}
    message = client.chat(model, MESSAGES, tools=[tool], format=PERSON, options=options).message
    if message.tool_calls:
        (call,) = message.tool_calls
        assert call.function.name == "report" and call.function.arguments["kind"] in ("sun", "rain"), message
    else:
        assert json.loads(message.content)["kind"] in ("cat", "dog"), message
    call = {"function": {"name": "weather", "arguments": {"city": "Graz", "days": 2}}}
    messages = [
        *MESSAGES,
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_name": "weather", "content": weather("Graz", 2)},
    ]
    answer = client.chat(model, messages, tools=[weather], options=GREEDY)
    assert answer.prompt_eval_count > 40, answer
    return answer.message.content


@check("the penalty for repetition has a window")
def _():
    ask = lambda **more: client.generate(model, "on and on and on", raw=True, options={**GREEDY, **more}).response
    without = ask(repeat_penalty=1.0)
    assert ask(repeat_penalty=1.8, repeat_last_n=0) == without, "a window of no tokens penalises nothing"
    assert ask(repeat_penalty=1.8, repeat_last_n=-1) != without, "the whole text counts"
    assert ask(repeat_penalty=1.8) == ask(repeat_penalty=1.8, repeat_last_n=64), "the usual window is 64"
    return without


@check("a stream that is left is given up")
def _():
    stream = client.chat(model, MESSAGES, options={**GREEDY, "num_predict": 2000}, stream=True)
    next(stream)
    stream.close()
    assert client.chat(model, MESSAGES, options=GREEDY).message.content == whole["chat"]


@check("nothing to write only tells that the model is there")
def _():
    assert client.generate(model).done_reason == "load"


@check("texts become vectors, the new and the old way")
def _():
    texts = ["The cat sits on the mat.", "A cat is sitting on a mat.", "Interest rates rose again."]
    made = client.embed("any", texts)
    old = client.embeddings("any", texts[0])
    assert max(abs(a - b) for a, b in zip(made.embeddings[0], old.embedding, strict=True)) < 1e-6
    product = lambda a, b: sum(x * y for x, y in zip(a, b, strict=True))
    near, far = (product(made.embeddings[0], made.embeddings[other]) for other in (1, 2))
    assert near > far, f"{near} is not more than {far}"
    assert made.prompt_eval_count > 0
    return {"model": made.model, "dimensions": len(made.embeddings[0]), "near": near, "far": far}


@check("a model that is not there is told")
def _():
    message = refused(404, lambda: client.chat("no-such-model", MESSAGES))
    assert "no-such-model" in message, message
    refused(404, lambda: list(client.chat("no-such-model", MESSAGES, stream=True)))
    refused(404, lambda: client.show("no-such-model"))
    return message


@check("what cannot be done is refused by name")
def _():
    image = [{"role": "user", "content": "What is this?", "images": [b"\x89PNG\r\n\x1a\n"]}]
    assert "images" in refused(400, lambda: client.chat(model, image))
    assert "template" in refused(400, lambda: client.generate(model, "a", template="{{ .Prompt }}"))
    assert "mirostat" in refused(400, lambda: client.generate(model, "a", options={"mirostat": 2}))
    assert "temperature" in refused(400, lambda: client.generate(model, "a", options={"temperature": -1}))


@check("what this is not is told")
def _():
    return refused(404, lambda: client.pull("llama3"))


sys.exit(1 if failures else 0)
