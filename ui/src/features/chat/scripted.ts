// What the tests of chats stand on: a host that tells what they say.
import { HostError, type Backend, type HostRequest } from '../../backend/backend';
import type { AskEvent, Turn } from '../../backend/types';

export const finished: Turn = {
  id: 't1',
  session: 's1',
  question: 'why?',
  status: 'finished',
  answer: {
    text: 'because',
    origin: { kind: 'extractive' },
    citations: [],
    memories: [],
    embedder: null,
    bytes_sent: 0,
  },
  failure: null,
  asked_at: 1,
  ended_at: 2,
};
export const started: AskEvent = { event: 'started', session: 's1', turn: 't1' };
export const recalled: AskEvent = {
  event: 'recalled',
  passages: [],
  memories: [],
  relevance: 'relevant',
  degraded: [],
};

/** A promise that is kept when one says so. */
export function gate(): { wait: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const wait = new Promise<void>((resolve) => (open = resolve));
  return { wait, open };
}

type Step = AskEvent | Promise<void> | Error;

/** A host that keeps sessions, and tells given events of each question in turn. */
export class Scripted implements Backend {
  asked: HostRequest[] = [];
  requested: string[] = [];
  sessions: Record<string, Turn[] | Error> = {};
  /** The turns that come back. */
  restored: Turn[] = [];
  /** The turns whose answers were to stop. */
  stopped: string[] = [];
  /** What was last to change of a session. */
  edited: unknown = null;
  /** Holds requests for sessions until it is open. */
  held: Promise<void> = Promise.resolve();
  private readonly answers: Step[][];
  constructor(...answers: Step[][]) {
    this.answers = answers;
  }

  async request(request: HostRequest): Promise<unknown> {
    if (request.path.startsWith('/v1/attachments')) return this.keep(request);
    const [, turn] = /^\/v1\/answers\/(.+)$/.exec(request.path) ?? [];
    if (turn !== undefined) return void this.stopped.push(turn);
    const [, id] = /^\/v1\/sessions\/([^?]+)$/.exec(request.path) ?? [];
    if (id === undefined) return { sessions: [] };
    this.requested.push(`${request.method} ${id}`);
    if (id.endsWith('/restore')) return { session: { id, title: 'restored' }, turns: this.restored };
    if (request.method === 'PATCH') {
      this.edited = request.body;
      return { id, title: `title of ${id}` };
    }
    const turns = this.sessions[id] ?? [];
    await this.held;
    if (turns instanceof Error) throw turns;
    return { session: { id, title: `title of ${id}` }, turns };
  }

  private async keep(request: HostRequest): Promise<unknown> {
    await this.held;
    if (request.method === 'GET') throw new HostError('not-found', 'there is no such attachment');
    return { id: 'a1', name: (request.body as { name: string }).name, path: '/a1', size: 1, image: null };
  }

  async *stream(request: HostRequest): AsyncGenerator<unknown> {
    this.asked.push(request);
    for (const step of this.answers[this.asked.length - 1] ?? []) {
      if (step instanceof Error) throw step;
      if (step instanceof Promise) await step;
      else yield step;
    }
  }
}

/** How the turns of a chat stand. */
export function shown(chat: { turns: { phase: string; text: string }[] }): [string, string][] {
  return chat.turns.map((turn) => [turn.phase, turn.text]);
}
