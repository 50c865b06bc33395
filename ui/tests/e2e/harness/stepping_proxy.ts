// Stands before a host and holds its answers back until the test lets them go on: a model that writes slowly. All else
// passes as it is.
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Transform } from 'node:stream';

export class SteppingProxy {
  private readonly server: Server;
  /** Whether answers are held back. */
  private holds = true;
  /** The event after which they are held back again. */
  private upTo: string | null = null;
  private waiting: (() => void)[] = [];

  private constructor(private readonly host: URL) {
    this.server = createServer((incoming, outgoing) => this.pass(incoming, outgoing));
  }

  static async start(host: string): Promise<SteppingProxy> {
    const proxy = new SteppingProxy(new URL(host));
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

  /** Lets an answer go on to its next event of this name, and no further. */
  goOnTo(event: string): void {
    this.letOn(event);
  }

  /** Lets all answers go on to their ends. */
  goOn(): void {
    this.letOn(null);
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private letOn(upTo: string | null): void {
    this.upTo = upTo;
    this.holds = false;
    for (const wake of this.waiting.splice(0)) wake();
  }

  private pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const headers = { ...incoming.headers, host: this.host.host };
    // To the host this is its own page.
    if (headers.origin) headers.origin = this.host.origin;
    const passed = request(new URL(incoming.url ?? '/', this.host), { method: incoming.method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      if (incoming.url === '/v1/ask') answer.pipe(this.held()).pipe(outgoing);
      else answer.pipe(outgoing);
      answer.once('error', () => outgoing.destroy());
    });
    passed.once('error', () => outgoing.destroy());
    outgoing.once('close', () => passed.destroy());
    incoming.pipe(passed);
  }

  /** Lets server-sent events through one by one, each when it may. */
  private held(): Transform {
    const pass = async (event: string, on: (event: string) => void): Promise<void> => {
      while (this.holds) await new Promise<void>((wake) => this.waiting.push(wake));
      if (this.upTo !== null && event.startsWith(`event: ${this.upTo}\n`)) this.holds = true;
      on(event);
    };
    return new Transform({
      async transform(chunk: Buffer, _encoding, done) {
        for (const event of chunk.toString().split(/(?<=\n\n)/)) await pass(event, (it) => this.push(it));
        done();
      },
    });
  }
}
