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


@check("what was read before is not read anew, and is told")
def _():
    request = {**GREEDY, "messages": [{"role": "user", "content": "Say hello to everybody in the room. " * 8}]}
    first, second = (client.chat.completions.create(**request) for _ in range(2))
    read, known = second.usage.prompt_tokens, second.usage.prompt_tokens_details.cached_tokens
    assert first.usage.prompt_tokens == read and first.choices == second.choices
    assert read / 2 < known < read, second.usage
    return second.usage.model_dump()


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


PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 10},
        "kind": {"enum": ["cat", "dog"]},
        "age": {"type": "integer", "minimum": 0, "maximum": 99},
    },
    "required": ["name", "kind", "age"],
    "additionalProperties": False,
}


def fits(text):
    """Checks a text against PERSON."""
    person = json.loads(text)
    assert list(person) == ["name", "kind", "age"] and person["kind"] in ("cat", "dog"), person
    assert len(person["name"]) <= 10 and 0 <= person["age"] <= 99, person
    return person


def streamed(**request):
    """The parts of a streamed chat: its text, its calls by index, its reasons and its tokens."""
    text, calls, reasons, tokens = "", {}, [], []
    for chunk in client.chat.completions.create(**request, stream=True):
        for choice in chunk.choices:
            text += choice.delta.content or ""
            reasons.append(choice.finish_reason)
            tokens += choice.logprobs.content if choice.logprobs else []
            for part in choice.delta.tool_calls or []:
                call = calls.setdefault(part.index, {"id": part.id, "name": part.function.name, "arguments": ""})
                call["arguments"] += part.function.arguments or ""
    return text, calls, reasons, tokens


@check("an answer fits a schema, whole and in pieces")
def _():
    form = {"type": "json_schema", "json_schema": {"name": "person", "strict": True, "schema": PERSON}}
    request = {**GREEDY, "max_tokens": 800, "response_format": form}
    answer = client.chat.completions.create(**request).choices[0]
    assert answer.finish_reason == "stop", answer
    text, _, reasons, _ = streamed(**request)
    assert text == answer.message.content and reasons[-1] == "stop", text
    warm = client.chat.completions.create(**{**request, "temperature": 1.5, "seed": 3}).choices[0]
    return [fits(answer.message.content), fits(warm.message.content)]


@check("an answer is a JSON object, unless the length ran out")
def _():
    request = {**GREEDY, "max_tokens": 60, "response_format": {"type": "json_object"}}
    answer = client.chat.completions.create(**request).choices[0]
    assert answer.message.content.startswith("{"), answer
    assert answer.finish_reason == "length" or isinstance(json.loads(answer.message.content), dict), answer
    return answer.message.content


@check("a schema that makes no sense is refused with its cause")
def _():
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "objekt"}}}
    message = refused(
        openai.BadRequestError, lambda: client.chat.completions.create(**GREEDY, response_format=form), "invalid-input"
    )
    assert "objekt" in message, message
    return message


TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather.",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"enum": ["Graz", "Wien"]},
                "days": {"type": "integer", "minimum": 1, "maximum": 9},
            },
            "required": ["city", "days"],
            "additionalProperties": False,
        },
    },
}


@check("a tool is called when it has to be, whole and in pieces")
def _():
    request = {**GREEDY, "max_tokens": 800, "tools": [TOOL], "tool_choice": "required"}
    choice = client.chat.completions.create(**request).choices[0]
    assert choice.finish_reason == "tool_calls" and choice.message.content is None, choice
    (call,) = choice.message.tool_calls
    assert call.type == "function" and call.function.name == "weather", call
    arguments = json.loads(call.function.arguments)
    assert arguments["city"] in ("Graz", "Wien") and 1 <= arguments["days"] <= 9, arguments
    text, calls, reasons, _ = streamed(**request)
    assert text == "" and reasons[-1] == "tool_calls" and len(calls) == 1, (text, calls, reasons)
    assert calls[0]["name"] == "weather" and json.loads(calls[0]["arguments"]) == arguments and calls[0]["id"], calls
    named = {"type": "function", "function": {"name": "weather"}}
    again = client.chat.completions.create(**{**request, "tool_choice": named}).choices[0]
    assert again.message.tool_calls[0].function.name == "weather", again
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    messages = [*MESSAGES, choice.message.model_dump(exclude_none=True), result]
    answer = client.chat.completions.create(**{**GREEDY, "messages": messages, "tools": [TOOL]})
    assert answer.usage.prompt_tokens > 40, answer.usage
    return call.function.model_dump()


@check("tools that must not be called are not known to the model")
def _():
    answer = client.chat.completions.create(**GREEDY, tools=[TOOL], tool_choice="none").choices[0]
    assert answer.message.content == whole["chat"] and not answer.message.tool_calls, answer


def plain(text):
    """A text without what stands for bytes that are no character."""
    return text.replace("\ufffd", "")


@check("the probabilities of tokens are told, whole and in pieces")
def _():
    request = {**GREEDY, "logprobs": True, "top_logprobs": 3}
    answer = client.chat.completions.create(**request).choices[0]
    tokens = answer.logprobs.content
    for token in tokens:
        likely = [other.logprob for other in token.top_logprobs]
        assert token.logprob <= 0 and len(likely) == 3 and likely == sorted(likely, reverse=True), token
        assert token.logprob == likely[0] and token.bytes == token.top_logprobs[0].bytes, "the likeliest is taken"
    written = b"".join(bytes(token.bytes) for token in tokens).decode(errors="replace")
    assert plain(written) == plain(answer.message.content) == plain(whole["chat"]), written
    assert streamed(**request)[3] == tokens, "a stream tells the same"
    request = {"model": model, "prompt": "Once upon a time", "max_tokens": 8, "temperature": 0, "logprobs": 2}
    choice = client.completions.create(**request).choices[0]
    told = choice.logprobs
    assert plain("".join(told.tokens)) == plain(choice.text), told
    assert len(told.tokens) == len(told.token_logprobs) == len(told.text_offset) == len(told.top_logprobs), told
    assert told.text_offset[0] == 0 and all(1 <= len(likely) <= 2 for likely in told.top_logprobs), told
    return [[token.token, round(token.logprob, 3)] for token in tokens[:5]]


@check("penalties make another text")
def _():
    answer = client.chat.completions.create(**GREEDY, frequency_penalty=1.5, presence_penalty=1.5)
    return answer.choices[0].message.content


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


@check("a response fits a schema and calls a tool")
def _():
    form = {"format": {"type": "json_schema", "name": "person", "schema": PERSON, "strict": True}}
    answer = client.responses.create(model=model, input="Who is it?", text=form, temperature=0, max_output_tokens=800)
    person = fits(answer.output_text)
    tool = {"type": "function", "strict": True, **TOOL["function"]}
    request = {"model": model, "temperature": 0, "max_output_tokens": 800, "tools": [tool]}
    question = {"role": "user", "content": "What is the weather?"}
    answer = client.responses.create(**request, input=[question], tool_choice="required")
    (call,) = answer.output
    assert call.type == "function_call" and call.name == "weather", call
    assert json.loads(call.arguments)["city"] in ("Graz", "Wien"), call
    stream = client.responses.create(**request, input=[question], tool_choice="required", stream=True)
    events = list(stream)
    assert [event.sequence_number for event in events] == list(range(len(events))), events
    deltas = [event.delta for event in events if event.type == "response.function_call_arguments.delta"]
    assert "".join(deltas) == call.arguments and events[-1].response.output[0].arguments == call.arguments, deltas
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
    item = {"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments}
    client.responses.create(**request, input=[question, item, result])
    return person


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
    for field, more in {
        "n": {"n": 2},
        "logit_bias": {"logit_bias": {"5": -100}},
        "response_format": {"response_format": {"type": "xml"}},
    }.items():
        try:
            client.chat.completions.create(**{**GREEDY, **more})
        except openai.BadRequestError as error:
            assert error.code == "unsupported" and error.param.startswith(field), f"{field}: {error}"
        else:
            raise AssertionError(f"{field} was silently ignored")


@check("images are refused by models that take none")
def _():
    image = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]
    call = lambda: client.chat.completions.create(**{**GREEDY, "messages": [{"role": "user", "content": image}]})
    message = refused(openai.BadRequestError, call, "unsupported")
    assert "not known to take images" in message, message
    return message


@check("values that cannot be are refused")
def _():
    for more in ({"temperature": 3}, {"top_p": 0}, {"messages": []}, {"max_tokens": 0}, {"frequency_penalty": 3}):
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
