import { createServer, type Server } from 'node:http';

/** A site on this machine with pages for tests. */
export class Site {
  private constructor(
    private readonly server: Server,
    readonly address: string,
    private readonly pages: Record<string, string>,
  ) {}

  /** Serves pages by their paths. */
  static async start(pages: Record<string, string>): Promise<Site> {
    const server = createServer((request, response) => {
      const page = pages[request.url ?? '/'];
      response.writeHead(page === undefined ? 404 : 200, { 'Content-Type': 'text/html; charset=utf-8' });
      response.end(page ?? 'There is no such page.');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the site has no port');
    return new Site(server, `http://127.0.0.1:${address.port}`, pages);
  }

  /** Has a path show another page from now on. */
  change(path: string, page: string): void {
    this.pages[path] = page;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
