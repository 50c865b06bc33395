"""Uses a host through the package `openai`, and prints one JSON line for each check.

    python openai_client.py BASE_URL TOKEN MODEL

BASE_URL is that of the routes, such as http://127.0.0.1:8080/v1. MODEL is the id of a language model of the host. The exit
status is 1 when a check failed.
"""

import json
import sys
import traceback

import openai

base_url, token, model = sys.argv[1:4]
client = openai.OpenAI(base_url=base_url, api_key=token, max_retries=0, timeout=120)
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


def refused(kind, call, code=None):
    """Makes a call that must be refused, and gives the message."""
    try:
        call()
    except kind as error:
        assert code is None or error.code == code, f"the code is {error.code}: {error}"
        return str(error)
    raise AssertionError(f"it was not refused with {kind.__name__}")


MESSAGES = [{"role": "system", "content": "Answer briefly."}, {"role": "user", "content": "Say hello."}]
GREEDY = {"model": model, "messages": MESSAGES, "max_tokens": 24, "temperature": 0, "seed": 1}


@check("models are listed")
def _():
    ids = [listed.id for listed in client.models.list()]
    assert model in ids, f"{model} is not among {ids}"
    return ids


whole = {}


@check("a chat is answered whole")
def _():
    answer = client.chat.completions.create(**GREEDY)
    choice = answer.choices[0]
    assert answer.object == "chat.completion" and choice.message.role == "assistant"
    assert choice.finish_reason in ("stop", "length"), choice.finish_reason
    usage = answer.usage
    assert usage.prompt_tokens > 0 and usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert usage.completion_tokens <= 24
    whole["chat"] = choice.message.content
    return {"text": choice.message.content, "finish_reason": choice.finish_reason, "usage": usage.model_dump()}


@check("a chat streams the same text")
def _():
    stream = client.chat.completions.create(**GREEDY, stream=True, stream_options={"include_usage": True})
    pieces, reasons, usage = [], [], None
    for chunk in stream:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            pieces.append(choice.delta.content or "")
            reasons.append(choice.finish_reason)
    assert "".join(pieces) == whole["chat"], f"{''.join(pieces)!r} is not {whole['chat']!r}"
    assert reasons[-1] in ("stop", "length") and not any(reasons[:-1]), reasons
    assert usage is not None and usage.completion_tokens <= 24, usage
    return {"pieces": len(pieces), "usage": usage.model_dump()}


@check("parts of a message are one text")
def _():
    parts = [{"type": "text", "text": "Say "}, {"type": "text", "text": "hello."}]
    messages = [MESSAGES[0], {"role": "user", "content": parts}]
    answer = client.chat.completions.create(**{**GREEDY, "messages": messages})
    assert answer.choices[0].message.content == whole["chat"], answer.choices[0].message.content


@check("a stream that is left is given up")
def _():
    stream = client.chat.completions.create(**{**GREEDY, "max_tokens": 2000}, stream=True)
    next(iter(stream))
    stream.close()
    answer = client.chat.completions.create(**GREEDY)
    assert answer.choices[0].message.content == whole["chat"], "the text after it is another one"


@check("a text is gone on with, whole and in pieces")
def _():
    request = {"model": model, "prompt": "Once upon a time", "max_tokens": 16, "temperature": 0}
    text = client.completions.create(**request).choices[0].text
    pieces = [choice.text for chunk in client.completions.create(**request, stream=True) for choice in chunk.choices]
    assert "".join(pieces) == text, f"{''.join(pieces)!r} is not {text!r}"
    return text


@check("a gap is filled, or refused by name")
def _():
    request = {"model": model, "prompt": "def add(a, b):\n    return ", "suffix": "\n\nprint(add(1, 2))\n"}
    try:
        return client.completions.create(**request, max_tokens=16, temperature=0).choices[0].text
    except openai.BadRequestError as error:
        # Not every model is trained for it.
        assert error.code == "unsupported", error
        return str(error)


@check("a response is whole")
def _():
    answer = client.responses.create(
        model=model, instructions="Answer briefly.", input="Say hello.", max_output_tokens=24, temperature=0
    )
    assert answer.status in ("completed", "incomplete"), answer.status
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens
    whole["response"] = answer.output_text
    return answer.output_text


@check("a response streams the same text")
def _():
    stream = client.responses.create(
        model=model, instructions="Answer briefly.", input="Say hello.", max_output_tokens=24, temperature=0, stream=True
    )
    events = list(stream)
    names = [event.type for event in events]
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == whole["response"], deltas
    assert names[0] == "response.created" and names[-1] in ("response.completed", "response.incomplete"), names
    assert [event.sequence_number for event in events] == list(range(len(events))), names
    assert events[-1].response.output_text == whole["response"]
    return list(dict.fromkeys(names))


@check("texts become vectors, in both encodings")
def _():
    texts = ["The cat sits on the mat.", "A cat is sitting on a mat.", "Interest rates rose again."]
    # The package asks for base64 by itself, and unpacks it.
    packed = client.embeddings.create(model="any", input=texts)
    plain = client.embeddings.create(model="any", input=texts, encoding_format="float")
    vectors = [item.embedding for item in packed.data]
    for left, right in zip(vectors, [item.embedding for item in plain.data], strict=True):
        assert max(abs(a - b) for a, b in zip(left, right, strict=True)) < 1e-6
    product = lambda a, b: sum(x * y for x, y in zip(a, b, strict=True))
    assert abs(product(vectors[0], vectors[0]) - 1) < 1e-3, "a vector is not of unit length"
    near, far = product(vectors[0], vectors[1]), product(vectors[0], vectors[2])
    assert near > far, f"{near} is not more than {far}"
    assert plain.usage.prompt_tokens > 0
    return {"model": plain.model, "dimensions": len(vectors[0]), "near": near, "far": far}


@check("a model that is not there is told")
def _():
    call = lambda: client.chat.completions.create(**{**GREEDY, "model": "no-such-model"})
    message = refused(openai.NotFoundError, call, "model_not_found")
    assert "no-such-model" in message, message
    return message


@check("what cannot be done is refused by name")
def _():
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    image = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]
    for field, more in {
        "n": {"n": 2},
        "logprobs": {"logprobs": True},
        "tools": {"tools": [tool]},
        "response_format": {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}},
        "messages": {"messages": [{"role": "user", "content": image}]},
    }.items():
        try:
            client.chat.completions.create(**{**GREEDY, **more})
        except openai.BadRequestError as error:
            assert error.code == "unsupported" and error.param.startswith(field), f"{field}: {error}"
        else:
            # Later versions can do more than the first; what they can, they must not refuse.
            assert field in ("tools", "response_format", "logprobs"), f"{field} was silently ignored"


@check("values that cannot be are refused")
def _():
    for more in ({"temperature": 3}, {"top_p": 0}, {"messages": []}, {"max_tokens": 0}):
        call = lambda: client.chat.completions.create(**{**GREEDY, **more})
        refused(openai.BadRequestError, call, "invalid-input")


@check("a wrong token is refused where tokens count")
def _():
    other = client.with_options(api_key="ambit_0000")
    try:
        other.models.list()
    except openai.AuthenticationError as error:
        return error.code
    return "this port takes no tokens"


sys.exit(1 if failures else 0)
