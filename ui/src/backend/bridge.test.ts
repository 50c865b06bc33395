import { expect, test, vi } from 'vitest';
import { BridgeBackend } from './bridge';
import type { FromBridge, ToBridge } from './bridge_messages';
import type { Piece } from './pieces';

/** The other end of the bridge: what it got, and how it answers. */
class Program {
  readonly got: ToBridge[] = [];
  readonly backend: BridgeBackend;
  private readonly port: MessagePort;

  constructor(private readonly answer: Piece[]) {
    const { port1, port2 } = new MessageChannel();
    this.backend = new BridgeBackend(false, Promise.resolve(port1));
    this.port = port2;
    port2.onmessage = ({ data }: MessageEvent<ToBridge>) => {
      this.got.push(data);
      if ('call' in data) for (const piece of this.answer) this.tell({ id: data.call.id, piece });
    };
  }

  tell(message: FromBridge): void {
    this.port.postMessage(message);
  }
}

test('a request is handed over, and its answer comes back', async () => {
  const program = new Program([{ data: { title: 'A' } }, { ended: true }]);
  const request = { method: 'PATCH', path: '/v1/sessions/a', body: { title: 'A' } } as const;
  expect(await program.backend.request(request)).toEqual({ title: 'A' });
  expect(program.got).toMatchObject([{ call: { method: 'PATCH', path: '/v1/sessions/a', body: '{"title":"A"}' } }]);
});

test('events come one by one, and a refusal is told as the host tells it', async () => {
  const problem = { code: 'not-found', detail: 'there is none', title: '', status: 404, type: '' };
  const program = new Program([{ data: 1 }, { data: 2 }, { failed: problem }]);
  const seen: unknown[] = [];
  const read = async (): Promise<void> => {
    for await (const event of program.backend.stream({ method: 'GET', path: '/v1/status' })) seen.push(event);
  };
  await expect(read()).rejects.toMatchObject({ code: 'not-found', message: 'there is none' });
  expect(seen).toEqual([1, 2]);
});

test('who stops reading gives the request up, and what comes for others is not heard', async () => {
  const program = new Program([{ data: 1 }]);
  const abort = new AbortController();
  const events = program.backend.stream({ method: 'GET', path: '/v1/status', signal: abort.signal });
  expect((await events[Symbol.asyncIterator]().next()).value).toBe(1);
  program.tell({ id: 'another', piece: { data: 'not ours' } });
  const next = events[Symbol.asyncIterator]().next();
  abort.abort();
  await expect(next).rejects.toMatchObject({ name: 'AbortError' });
  await expect.poll(() => program.got.length).toBe(2);
  const [call, cancel] = program.got;
  expect(cancel).toEqual({ cancel: call && 'call' in call ? call.call.id : '' });
});

test('an editor opens files and says where people are to be, also before anybody listens', async () => {
  const { port1, port2 } = new MessageChannel();
  const { editor } = new BridgeBackend(true, Promise.resolve(port1));
  const got: ToBridge[] = [];
  port2.onmessage = ({ data }: MessageEvent<ToBridge>) => got.push(data);
  editor?.openFile('/home/ada/notes.md', 7);
  await expect.poll(() => got).toEqual([{ open: { path: '/home/ada/notes.md', line: 7 } }]);

  const go = (question: string): FromBridge => ({ go: { kind: 'go', address: '#/chat', question } });
  const heard: (string | null)[] = [];
  port2.postMessage(go('early'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  const end = editor?.listen((message) => heard.push(message.question));
  expect(heard).toEqual(['early']);
  port2.postMessage(go('late'));
  await expect.poll(() => heard).toEqual(['early', 'late']);
  end?.();
  port2.postMessage(go('kept'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  editor?.listen((message) => heard.push(message.question));
  expect(heard).toEqual(['early', 'late', 'kept']);
});

test('the port comes from whoever the page says it hears: the window around it, or an editor’s script in its own', async () => {
  // Here a window's parent would be itself, as that of a page in no frame is.
  const around = { postMessage: vi.fn() } as unknown as Window;
  const parent = vi.spyOn(window, 'parent', 'get').mockReturnValue(around);
  for (const [content, giver, other] of [
    ['', around, window],
    ['editor', window, around],
  ] as const) {
    document.head.innerHTML = `<meta name="ambit-bridge" content="${content}" />`;
    const backend = new BridgeBackend();
    expect(backend.editor !== undefined).toBe(content === 'editor');
    const answer = async (source: Window, data: unknown): Promise<void> => {
      const { port1, port2 } = new MessageChannel();
      port2.onmessage = ({ data: { call } }: MessageEvent<{ call: { id: string } }>) => {
        for (const piece of [{ data }, { ended: true }]) port2.postMessage({ id: call.id, piece });
      };
      dispatchEvent(new MessageEvent('message', { data: 'ambit-port', source, ports: [port1] }));
    };
    await answer(other, 'from elsewhere');
    await answer(giver, 'from who may');
    expect(await backend.request({ method: 'GET', path: '/v1/status' })).toBe('from who may');
  }
  document.head.innerHTML = '';
  parent.mockRestore();
});
