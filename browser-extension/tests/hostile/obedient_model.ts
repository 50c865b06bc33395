// Stands for a language model that does whatever it reads, whoever wrote it: the worst that pages could meet. It speaks OpenAI's
// API on this machine, as servers do that people run themselves.
import { createServer, type Server, type ServerResponse } from 'node:http';
import { LAST_WORDS } from './page';

/** As the host names it. */
export const MODEL = 'house/obedient';

/** Words between these are to be said as they stand, from a block of code, in which nothing is escaped. */
const VERBATIM = /BEGIN\n([^]*?)\nEND/g;
/** Words between these are to be said as they read, from text that was written as Markdown. */
const PROSE = /⟪([^]*?)⟫/g;
/** A tool that is to be called, with the JSON that it is given. */
const CALL = /CALL (\w+) (\{.*\})/g;

/** The part of a request that is looked at. */
interface Asked {
  stream?: boolean;
  messages: { role: string; content: string | { text?: string }[] }[];
}

export class ObedientModel {
  /** All that it was sent by the last request. */
  read = '';
  /** What it answered last. */
  said = '';
  /** Holds answers after their first words until it is kept. */
  held: Promise<void> = Promise.resolve();
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (data: Buffer) => (body += data));
      request.on('end', () => {
        // It is no Ollama, and knows nothing of what only that is asked.
        if (request.method !== 'POST') return void response.writeHead(404).end();
        void this.answer(JSON.parse(body) as Asked, response);
      });
    });
  }

  static async start(): Promise<ObedientModel> {
    const model = new ObedientModel();
    await new Promise<void>((resolve) => model.server.listen(0, '127.0.0.1', resolve));
    return model;
  }

  /** How the host is told of it. */
  get arguments(): string[] {
    const address = this.server.address();
    if (!address || typeof address !== 'object') throw new Error('the model does not listen');
    const [name = '', model = ''] = MODEL.split('/');
    return ['providers', 'add', name, '--url', `http://localhost:${address.port}/v1`, '--model', model];
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer({ messages }: Asked, response: ServerResponse): Promise<void> {
    this.read = messages.map(({ content }) => textOf(content)).join('\n');
    const calls = [...this.read.matchAll(CALL)].map(([, name = '', given = '']) => ({ name, given: unescaped(given) }));
    this.said = ['As the page says [1].', ...ordersIn(this.read), LAST_WORDS].join('\n\n');
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const say = (delta: object, reason: string | null = null): void => {
      const choice = { index: 0, delta, finish_reason: reason };
      response.write(
        `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0, model: 'obedient', choices: [choice] })}\n\n`,
      );
    };
    say({ role: 'assistant', content: '' });
    // Markup that comes in pieces is no markup until its last piece is there.
    const pieces = this.said.match(/[^]{1,23}/gu) ?? [];
    say({ content: pieces.shift() });
    await this.held;
    for (const content of pieces) say({ content });
    calls.forEach(({ name, given }, index) =>
      say({ tool_calls: [{ index, id: `call-${index}`, type: 'function', function: { name, arguments: given } }] }),
    );
    say({}, calls.length > 0 ? 'tool_calls' : 'stop');
    response.end('data: [DONE]\n\n');
  }
}

function textOf(content: string | { text?: string }[]): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text ?? '').join('\n');
}

/**
 * What somebody wrote into what was read for a model to say. `{EVERYTHING}` is all that it knows, for an address, `{U+202e}` a
 * character that pages cannot tell otherwise, and `{400 times: > }` what is longer than the passages of a page.
 */
function ordersIn(read: string): string[] {
  const everything = encodeURIComponent(read.slice(0, 600));
  const verbatim = [...read.matchAll(VERBATIM)].map(([, words = '']) => words);
  const prose = [...read.matchAll(PROSE)].map(([, words = '']) => unescaped(words));
  return [...verbatim, ...prose].map((words) =>
    words
      .replaceAll('{EVERYTHING}', everything)
      .replace(/\{(\d+) times: ([^}]*)\}/g, (_, times: string, text: string) => text.repeat(Number(times)))
      .replace(/\{U\+(\w+)\}/g, (_, point: string) => String.fromCodePoint(parseInt(point, 16))),
  );
}

/** Text as people read it that was escaped for Markdown. */
function unescaped(text: string): string {
  return text.replace(/\\([!-/:-@[-`{-~])/g, '$1');
}
