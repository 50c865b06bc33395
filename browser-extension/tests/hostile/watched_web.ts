import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** Where the pages of tests are. The name belongs to nobody. */
export const SITE = 'http://pages.test';

/** Whom Chromium asks by itself, whatever it shows: for updates, an account, what fields of forms are for. */
const OF_THE_BROWSER = /^(?:http:\/\/)?(?:[\w-]+\.)*google(?:apis)?\.com[:/]/;

/**
 * All of the web that a browser sees, as it is the browser's proxy, for addresses of this machine as well. It serves one site, and
 * notes whatever else is asked for.
 */
export class WatchedWeb {
  /** What was asked for that is no page, in order. */
  readonly noted: string[] = [];
  private readonly pages = new Map<string, string>();
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => this.serve(request, response));
    // A connection for https, or of a WebSocket.
    this.server.on('connect', (request, socket) => {
      this.note('CONNECT', request.url);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    this.server.on('upgrade', (request, socket) => {
      this.note('UPGRADE', request.url);
      socket.destroy();
    });
  }

  static async start(): Promise<WatchedWeb> {
    const web = new WatchedWeb();
    await new Promise<void>((resolve) => web.server.listen(0, '127.0.0.1', resolve));
    return web;
  }

  /** Where browsers find it as their proxy. */
  get proxy(): string {
    const address = this.server.address();
    if (!address || typeof address !== 'object') throw new Error('the web does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Has the site show a page; gives its address. */
  publish(path: string, html: string): string {
    const url = new URL(path, SITE).href;
    this.pages.set(url, html);
    return url;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve({ method, url = '' }: IncomingMessage, response: ServerResponse): void {
    const page = this.pages.get(url);
    const isSought = url === `${SITE}/favicon.ico`;
    if ((page === undefined && !isSought) || method !== 'GET') this.note(method, url);
    const type = page?.startsWith('<?xml') ? 'image/svg+xml' : 'text/html; charset=utf-8';
    response.writeHead(page === undefined ? 404 : 200, { 'Content-Type': type });
    response.end(page ?? '');
  }

  private note(method = '', url = ''): void {
    if (!OF_THE_BROWSER.test(url)) this.noted.push(`${method} ${url}`);
  }
}
