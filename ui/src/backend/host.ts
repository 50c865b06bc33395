import type { paths } from '../bindings/api';
import type { Backend, HostRequest } from './backend';

type Verb = 'get' | 'post' | 'put' | 'patch' | 'delete';
type PathWith<V extends Verb> = { [P in keyof paths]: paths[P][V] extends object ? P : never }[keyof paths] & string;

type PathValues<O> = O extends { parameters: { path: infer V } } ? { path: V } : object;
type QueryValues<O> = O extends { parameters: { query: infer V } }
  ? { query: V }
  : O extends { parameters: { query?: infer V } }
    ? { query?: V }
    : object;
type Body<O> = O extends { requestBody?: never }
  ? object
  : O extends { requestBody: { content: { 'application/json': infer B } } }
    ? { body: B }
    : O extends { requestBody?: { content: { 'application/json': infer B } } }
      ? { body?: B }
      : object;

type Input<O> = PathValues<O> & QueryValues<O> & Body<O> & { signal?: AbortSignal | undefined };
type Arguments<O> = object extends Input<O> ? [input?: Input<O>] : [input: Input<O>];

type Contents<R> = { [S in keyof R]: S extends 200 | 201 | 202 | 204 ? R[S] : never }[keyof R];
type Content<O, M extends string> = O extends { responses: infer R }
  ? Contents<R> extends { content: infer C }
    ? M extends keyof C
      ? C[M]
      : undefined
    : undefined
  : never;
type Json<O> = Content<O, 'application/json'>;
type Events<O> = Content<O, 'text/event-stream'>;

interface Parts {
  path?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/** The host's API, with the types that its document gives. Failures are as `Backend` tells them. */
export class Host {
  constructor(private readonly backend: Backend) {}

  get<P extends PathWith<'get'>>(path: P, ...input: Arguments<paths[P]['get']>): Promise<Json<paths[P]['get']>> {
    return this.ask('GET', path, input[0]);
  }

  post<P extends PathWith<'post'>>(path: P, ...input: Arguments<paths[P]['post']>): Promise<Json<paths[P]['post']>> {
    return this.ask('POST', path, input[0]);
  }

  put<P extends PathWith<'put'>>(path: P, ...input: Arguments<paths[P]['put']>): Promise<Json<paths[P]['put']>> {
    return this.ask('PUT', path, input[0]);
  }

  patch<P extends PathWith<'patch'>>(
    path: P,
    ...input: Arguments<paths[P]['patch']>
  ): Promise<Json<paths[P]['patch']>> {
    return this.ask('PATCH', path, input[0]);
  }

  delete<P extends PathWith<'delete'>>(
    path: P,
    ...input: Arguments<paths[P]['delete']>
  ): Promise<Json<paths[P]['delete']>> {
    return this.ask('DELETE', path, input[0]);
  }

  /** The events of a stream that a GET begins. */
  follow<P extends PathWith<'get'>>(
    path: P,
    ...input: Arguments<paths[P]['get']>
  ): AsyncIterable<Events<paths[P]['get']>> {
    return this.listen('GET', path, input[0]);
  }

  /** The events of a stream that a POST begins. */
  begin<P extends PathWith<'post'>>(
    path: P,
    ...input: Arguments<paths[P]['post']>
  ): AsyncIterable<Events<paths[P]['post']>> {
    return this.listen('POST', path, input[0]);
  }

  private ask<T>(method: HostRequest['method'], path: string, input: Parts = {}): Promise<T> {
    return this.backend.request(assemble(method, path, input)) as Promise<T>;
  }

  private listen<T>(method: HostRequest['method'], path: string, input: Parts = {}): AsyncIterable<T> {
    return this.backend.stream(assemble(method, path, input)) as AsyncIterable<T>;
  }
}

function assemble(method: HostRequest['method'], template: string, parts: Parts): HostRequest {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(parts.path?.[name])));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parts.query ?? {})) {
    if (value !== undefined && value !== null) query.set(name, String(value));
  }
  const search = query.size > 0 ? `?${query}` : '';
  return { method, path: path + search, body: parts.body, signal: parts.signal };
}
