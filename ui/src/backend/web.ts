import { HostError, isAborted, type Backend, type HostRequest } from './backend';
import { eventData } from './events';
import type { Problem } from './types';

/** Where the host is, and as what it is asked. */
interface Place {
  /** `http://127.0.0.1:4801` */
  address: string;
  surface: string;
}

/** The host over HTTP: at the address that the page came from, where no other is named. */
export class WebBackend implements Backend {
  /** @param token gives the token that goes with each request, null when there is none yet */
  constructor(
    private readonly token: () => string | null,
    private readonly place: Place = { address: '', surface: 'desktop' },
  ) {}

  async request(request: HostRequest): Promise<unknown> {
    const response = await this.send(request);
    if (response.status === 204) return undefined;
    try {
      const text = await response.text();
      return text === '' ? undefined : JSON.parse(text);
    } catch (failure) {
      throw isAborted(failure) ? failure : unreachable();
    }
  }

  async *stream(request: HostRequest): AsyncGenerator<unknown> {
    const response = await this.send(request);
    if (!response.body) throw unreachable();
    try {
      for await (const data of eventData(response.body)) {
        // The streams of OpenAI's API end with this.
        if (data === '[DONE]') return;
        yield JSON.parse(data);
      }
    } catch (failure) {
      throw isAborted(failure) || failure instanceof HostError ? failure : unreachable();
    }
  }

  private async send({ method, path, body, signal }: HostRequest): Promise<Response> {
    const headers: Record<string, string> = { 'Ambit-Surface': this.place.surface };
    const token = this.token();
    if (token !== null) headers['Authorization'] = `Bearer ${token}`;
    const init: RequestInit = { method, headers, credentials: 'omit', cache: 'no-store', redirect: 'error' };
    if (signal) init.signal = signal;
    if (body !== undefined) {
      headers['Content-Type'] = 'application/json';
      init.body = JSON.stringify(body);
    }
    let response: Response;
    try {
      response = await fetch(this.place.address + path, init);
    } catch (failure) {
      throw isAborted(failure) ? failure : unreachable();
    }
    if (!response.ok) throw await refusal(response);
    return response;
  }
}

function unreachable(): HostError {
  return new HostError('unreachable', 'the host does not answer');
}

async function refusal(response: Response): Promise<HostError> {
  try {
    const problem = (await response.json()) as Problem;
    if (typeof problem.code === 'string') return new HostError(problem.code, problem.detail, problem.hint ?? null);
  } catch {
    // Not the host's own words: something between, or a host that is going.
  }
  return response.status >= 502 ? unreachable() : new HostError('internal', `HTTP ${response.status}`);
}
