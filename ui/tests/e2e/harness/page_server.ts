// Serves the built page as the host is to serve it: one origin for page and API, and a policy that admits nothing else.
import { readFile } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { Transform } from 'node:stream';
import { fileURLToPath } from 'node:url';

const PAGE = fileURLToPath(new URL('../../../dist', import.meta.url));
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The policy that the page is made for. */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types svelte-trusted-html',
].join('; ');

export class PageServer {
  /** How long each piece of an answer to a question is held back, in milliseconds: a model that writes slowly. */
  pace = 0;
  private readonly server: Server;

  /** @param host gives the address of the host's API at the moment */
  constructor(
    readonly port: number,
    private readonly host: () => string,
  ) {
    this.server = createServer((incoming, outgoing) => {
      if (incoming.url?.startsWith('/v1/')) this.pass(incoming, outgoing);
      else void this.file(incoming, outgoing);
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  start(): Promise<void> {
    return new Promise((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const target = new URL(this.host());
    const options = { method: incoming.method, headers: { ...incoming.headers, host: target.host } };
    const passed = request(new URL(incoming.url ?? '/', target), options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      if (this.pace > 0 && incoming.url === '/v1/ask') answer.pipe(slowly(this.pace)).pipe(outgoing);
      else answer.pipe(outgoing);
      answer.once('error', () => outgoing.destroy());
    });
    // Without the host there is no answer at all, as when the page's own server is gone.
    passed.once('error', () => outgoing.destroy());
    outgoing.once('close', () => passed.destroy());
    incoming.pipe(passed);
  }

  private async file(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = normalize(new URL(incoming.url ?? '/', this.origin).pathname);
    const name = path === '/' ? 'index.html' : path;
    try {
      const content = await readFile(join(PAGE, name));
      outgoing.writeHead(200, {
        'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream',
        'Content-Security-Policy': POLICY,
        'Referrer-Policy': 'no-referrer',
        'X-Content-Type-Options': 'nosniff',
      });
      outgoing.end(content);
    } catch {
      outgoing.writeHead(404).end();
    }
  }
}

/** Lets server-sent events through one by one, each after a while. */
function slowly(millis: number): Transform {
  return new Transform({
    async transform(chunk: Buffer, _encoding, done) {
      for (const event of chunk.toString().split(/(?<=\n\n)/)) {
        await new Promise((resolve) => setTimeout(resolve, millis));
        this.push(event);
      }
      done();
    },
  });
}
