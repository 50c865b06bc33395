// Stands for a service of language models that is paid for: it speaks OpenAI's API on this machine, under the name of a model
// that Ollama passes on to its cloud, so that the host treats it as one elsewhere.
import { createServer, type Server } from 'node:http';

/** As the host names it. */
export const MODEL = 'cloud/qwen3-vl:235b-cloud';

export class ModelServer {
  /** The bodies of the requests that came, in order. */
  readonly came: string[] = [];
  /** Holds answers after their first words until it is kept. */
  held: Promise<void> = Promise.resolve();
  /** What it answers, in two parts. */
  answer: [first: string, rest: string] = ['The note says ', 'so [1].'];
  /** How many answers were given up by who asked. */
  givenUp = 0;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (data: Buffer) => (body += data));
      request.on('end', () => {
        // It is no Ollama, and knows nothing of what only that is asked.
        if (request.method !== 'POST') return response.writeHead(404).end();
        this.came.push(body);
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.on('close', () => (this.givenUp += response.writableFinished ? 0 : 1));
        const say = (content: string): void =>
          void response.write(`data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`);
        const [first, rest] = this.answer;
        say(first);
        void this.held.then(() => {
          say(rest);
          response.write('data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n');
          response.end('data: [DONE]\n\n');
        });
        return;
      });
    });
  }

  static async start(): Promise<ModelServer> {
    const server = new ModelServer();
    await new Promise<void>((resolve) => server.server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  /** Where it is. */
  get url(): string {
    const address = this.server.address();
    if (!address || typeof address !== 'object') throw new Error('the server does not listen');
    return `http://localhost:${address.port}/v1`;
  }

  /** How the host is told of it. */
  get arguments(): string[] {
    const [name = '', model = ''] = MODEL.split('/');
    return ['providers', 'add', name, '--kind', 'openai', '--url', this.url, '--model', model, '--images', model];
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
