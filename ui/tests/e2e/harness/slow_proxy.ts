// Stands before a host and holds its answers back, piece by piece: a model that writes slowly. All else passes as it is.
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Transform } from 'node:stream';

export class SlowProxy {
  private readonly server: Server;

  private constructor(
    private readonly host: URL,
    private readonly millis: number,
  ) {
    this.server = createServer((incoming, outgoing) => this.pass(incoming, outgoing));
  }

  /** @param millis how long each piece of an answer to a question is held back */
  static async start(host: string, millis: number): Promise<SlowProxy> {
    const proxy = new SlowProxy(new URL(host), millis);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The address by which a link to the host goes through here. */
  behind(link: string): string {
    const address = this.server.address();
    if (!address || typeof address !== 'object') throw new Error('the proxy does not listen');
    const through = new URL(link);
    through.port = String(address.port);
    return through.href;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const headers = { ...incoming.headers, host: this.host.host };
    // To the host this is its own page.
    if (headers.origin) headers.origin = this.host.origin;
    const passed = request(new URL(incoming.url ?? '/', this.host), { method: incoming.method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      if (incoming.url === '/v1/ask') answer.pipe(slowly(this.millis)).pipe(outgoing);
      else answer.pipe(outgoing);
      answer.once('error', () => outgoing.destroy());
    });
    passed.once('error', () => outgoing.destroy());
    outgoing.once('close', () => passed.destroy());
    incoming.pipe(passed);
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
