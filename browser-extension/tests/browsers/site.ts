import { createServer, type Server } from 'node:http';

/** What is served at a path: a page, or something else with its type and what the server says besides. */
export type Served = string | { body: string | Buffer; type: string; headers?: Record<string, string> };

/** A site on this machine with pages for tests. */
export class Site {
  private constructor(
    private readonly server: Server,
    readonly address: string,
    private readonly pages: Record<string, Served>,
    /** The paths that were asked for, in order. */
    readonly asked: string[],
    /** The cookies that came with them. */
    readonly cookies: (string | undefined)[],
  ) {}

  /** Serves pages by their paths. */
  static async start(pages: Record<string, Served>): Promise<Site> {
    const [asked, cookies]: [string[], (string | undefined)[]] = [[], []];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '/');
      cookies.push(request.headers.cookie);
      const page = pages[request.url ?? '/'];
      if (page === undefined) return void response.writeHead(404).end('There is no such page.');
      const { body, type, headers } =
        typeof page === 'string' ? { body: page, type: 'text/html; charset=utf-8', headers: {} } : page;
      response.writeHead(200, { 'Content-Type': type, ...headers }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the site has no port');
    return new Site(server, `http://127.0.0.1:${address.port}`, pages, asked, cookies);
  }

  /** Has a path show another page from now on. */
  change(path: string, page: Served): void {
    this.pages[path] = page;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
