"""Uses `ambit-lsp` as editors do, through the package `pytest-lsp`, and prints one JSON line for each check.

    python language_client.py AMBIT_LSP FOLDER [model]

AMBIT_LSP is the program; the environment says where its host is. FOLDER is an indexed project with `src/lib.rs`, which defines
`renew_certificate`, and a `README.md` that speaks of it. With `model`, a language model completes code on that host, and that
alone is looked at. What the package calls a breach of the protocol fails the check. The
exit status is 1 when a check failed.
"""

import asyncio
import json
import pathlib
import sys
import time
import traceback
import warnings

from lsprotocol import types
from pytest_lsp import LspSpecificationWarning, client_capabilities, make_test_lsp_client

program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
warnings.simplefilter("error", LspSpecificationWarning)
failures = 0
EDITORS = ["visual-studio-code", "neovim", "emacs"]
ENCODINGS = {"utf-8": lambda text: len(text.encode()), "utf-16": lambda text: len(text.encode("utf-16-le")) // 2}


class Editor:
    """An editor of a kind, with a document that it edits."""

    def __init__(self, kind):
        self.kind = kind
        self.client = make_test_lsp_client()

    async def begin(self):
        await self.client.start_io(program, "--stdio")
        root = types.WorkspaceFolder(uri=folder.as_uri(), name="project")
        capabilities = client_capabilities(self.kind)
        params = types.InitializeParams(capabilities=capabilities, root_uri=root.uri, workspace_folders=[root])
        self.server = await self.client.initialize_session(params)
        self.units = ENCODINGS[self.server.capabilities.position_encoding or "utf-16"]
        return self

    def open(self, uri, text, language="rust"):
        self.uri, self.text, self.version = uri, text, 1
        document = types.TextDocumentItem(uri=uri, language_id=language, version=1, text=text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=document))

    def end(self):
        line = self.text.count("\n")
        return types.Position(line=line, character=self.units(self.text.rsplit("\n", 1)[-1]))

    def type(self, text):
        place = types.Range(start=self.end(), end=self.end())
        self.version += 1
        document = types.VersionedTextDocumentIdentifier(uri=self.uri, version=self.version)
        change = types.TextDocumentContentChangePartial(range=place, text=text)
        params = types.DidChangeTextDocumentParams(text_document=document, content_changes=[change])
        self.client.text_document_did_change(params)
        self.text += text

    def document(self):
        return types.TextDocumentIdentifier(uri=self.uri)

    async def ghost(self):
        """The suggestions at the end, as somebody gets them that asks."""
        context = types.InlineCompletionContext(trigger_kind=types.InlineCompletionTriggerKind.Invoked)
        params = types.InlineCompletionParams(context=context, text_document=self.document(), position=self.end())
        answer = await self.client.text_document_inline_completion_async(params)
        return answer.items if answer else []

    async def command(self, command, *arguments):
        params = types.ExecuteCommandParams(command=command, arguments=list(arguments))
        return await self.client.workspace_execute_command_async(params)


async def within(seconds, ask):
    """Asks until something is answered: the host may be starting or reading."""
    end = time.monotonic() + seconds
    while not (answer := await ask()):
        assert time.monotonic() < end, f"nothing within {seconds} seconds"
        await asyncio.sleep(0.05)
    return answer


async def check(name, function):
    global failures
    try:
        told = {"check": name, "ok": True, "told": await asyncio.wait_for(function(), 60)}
    except BaseException as error:  # A failed check is a result like any other.
        failures += 1
        last = traceback.extract_tb(error.__traceback__)[-1]
        told = {"check": name, "ok": False, "error": f"{type(error).__name__}: {error} (line {last.lineno})"}
    print(json.dumps(told, ensure_ascii=False), flush=True)


async def greeted(editor):
    capabilities = editor.server.capabilities
    assert capabilities.inline_completion_provider is not None
    assert capabilities.text_document_sync.change == types.TextDocumentSyncKind.Incremental
    assert capabilities.code_action_provider.resolve_provider
    return editor.server.server_info.name, capabilities.position_encoding


async def ghost_text(editor):
    editor.open("untitled:ghost", "// 🦀 变量\n" + "let größe = measure(input)?;\n" * 4)
    editor.type("let grö")
    item = (await within(30, editor.ghost))[0]
    assert item.range.start.line == item.range.end.line == editor.end().line, item
    assert item.range.start.character <= editor.end().character <= item.range.end.character, item
    line = editor.text.rsplit("\n", 1)[-1]
    whole = line[: len(line) - (editor.units(line) - item.range.start.character)] + item.insert_text
    assert whole.startswith("let größe = measure(input)"), whole
    await editor.command(item.command.command, *item.command.arguments)
    return item.insert_text


async def typed_on(editor):
    """Every key is typed before the answer for the one before has come; no answer is of an older text."""
    editor.open("untitled:typed", "let größe = measure(input)?;\n" * 4)
    asked = []
    for key in "let größe = measure(":
        editor.type(key)
        asked.append((editor.end(), asyncio.ensure_future(editor.ghost())))
        await asyncio.sleep(0)  # The request is on its way before the next key.
    for place, answer in asked[:-1]:
        for item in await answer:
            assert item.range.start.character <= place.character, (item, place)
    place, last = asked[-1]
    item = (await last)[0]
    assert item.range.start.character <= place.character <= item.range.end.character, (item, place)
    return item.insert_text


async def words(editor):
    editor.open("untitled:words", "fn certificate_authority() {}\nfn run() { cert")
    params = types.CompletionParams(text_document=editor.document(), position=editor.end())

    async def ask():
        answer = await editor.client.text_document_completion_async(params)
        return [item for item in answer.items if item.text_edit.new_text == "certificate_authority"] if answer else []

    item = (await within(30, ask))[0]
    return (await editor.client.completion_item_resolve_async(item)).label


async def hover(editor):
    path = folder / "src/lib.rs"
    editor.open(path.as_uri(), path.read_text())
    line = next(at for at, text in enumerate(editor.text.splitlines()) if "    renew_certificate(" in text)
    place = types.Position(line=line, character=8)
    params = types.HoverParams(text_document=editor.document(), position=place)
    known = (await within(30, lambda: editor.client.text_document_hover_async(params))).contents.value
    assert "lib.rs:" in known and "Used in" in known and "README.md" in known, known
    nothing = types.HoverParams(text_document=editor.document(), position=types.Position(line=line, character=0))
    assert await editor.client.text_document_hover_async(nothing) is None
    return known


async def symbols(editor):
    params = types.WorkspaceSymbolParams(query="how is a certificate renewed")
    found = await within(30, lambda: editor.client.workspace_symbol_async(params))
    names = {pathlib.PurePath(symbol.location.uri).name for symbol in found}
    assert "lib.rs" in names or "README.md" in names, found
    return sorted(names)


async def actions(editor):
    editor.open("untitled:actions", "fn add(a: u32, b: u32) -> u32 {\n    a + b\n}\n")
    place = types.Range(start=types.Position(line=0, character=3), end=types.Position(line=0, character=3))
    diagnostic = types.Diagnostic(range=place, message="never used", source="rustc")
    context = types.CodeActionContext(diagnostics=[diagnostic], trigger_kind=types.CodeActionTriggerKind.Invoked)
    params = types.CodeActionParams(text_document=editor.document(), range=place, context=context)
    offered = await editor.client.text_document_code_action_async(params)
    titles = [action.title for action in offered]
    assert titles[:2] == ["Fix with Ambit", "Explain with Ambit"], titles
    try:
        await editor.client.code_action_resolve_async(offered[0])
    except Exception as error:
        assert "model" in str(error), error
        return titles, str(error)
    raise AssertionError("there is no model, and something was written")


async def commands(editor):
    status = await editor.command("ambit.indexStatus")
    assert "indexed" in status["text"], status
    memory = await editor.command("ambit.remember", "Certificates are renewed in May.")
    assert memory["text"] == "Certificates are renewed in May.", memory
    answer = await editor.command("ambit.ask", "How is a certificate renewed?")
    assert answer["citations"], answer
    if editor.client.capabilities.window.show_document:
        await editor.command("ambit.openChat")
        page = (await within(5, lambda: asyncio.sleep(0, editor.client.shown_documents)))[0]
        assert page.uri == "ambit://chat" and page.external, page
    return answer["text"][:80]


async def completed(editor):
    """A model goes on where nothing was ever counted, and who types along keeps its text."""
    editor.open("untitled:model", "let zeppelin = ")
    first = (await within(50, editor.ghost))[0].insert_text
    assert first.strip(), repr(first)
    editor.type(first[0])
    second = (await within(50, editor.ghost))[0].insert_text
    assert second == first[1:], (first, second)
    return first


async def farewell(editor):
    await editor.client.shutdown_session()
    assert editor.client._server.returncode == 0, editor.client._server.returncode
    return editor.client._server.returncode


async def main():
    if sys.argv[3:] == ["model"]:
        editor = await Editor(EDITORS[0]).begin()
        for function in [completed, farewell]:
            await check(f"model: {function.__name__}", lambda: function(editor))
        return
    for kind in EDITORS:
        editor = await Editor(kind).begin()
        for function in [greeted, ghost_text, typed_on, words, hover, symbols, actions, commands, farewell]:
            await check(f"{kind}: {function.__name__}", lambda: function(editor))


asyncio.run(main())
sys.exit(failures > 0)
