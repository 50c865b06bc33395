import { HostError, isAborted } from '../../backend/backend';
import type { Host } from '../../backend/host';
import type { Mention } from '../../backend/types';
import { handOver } from './attachment';
import type { Found } from './dropped';
import { keyOf, MOST_MENTIONS } from './mention';

let last = 0;

/** One thing that a question is about; a file is one from when it was chosen. */
export class Thing {
  readonly key = ++last;
  /** As the host knows it; null while it is being handed over. */
  mention = $state.raw<Mention | null>(null);
  /** Why it cannot be asked about. */
  failure = $state.raw<unknown>(null);
  private readonly abort = new AbortController();

  constructor(
    mention: Mention | null,
    /** What is handed over. */
    readonly file: File | null = null,
  ) {
    this.mention = mention;
  }

  /** Whether it is on its way to the host. */
  get isComing(): boolean {
    return this.mention === null && this.failure === null;
  }

  get isImage(): boolean {
    return this.mention?.kind === 'attachment' && this.mention.is_image === true;
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  stop(): void {
    this.abort.abort();
  }
}

/** What a question is about that is being typed. */
export class About {
  things = $state.raw<Thing[]>([]);
  /** What of the files that were chosen last is not among them. */
  leftOut = $state.raw<Pick<Found, 'leftOut' | 'isMore'> | null>(null);
  /** Is told what the host knows of it, each time when that changes. */
  keep: (mentions: Mention[]) => void;
  /** The files are handed over one after the other. */
  private queue: Promise<void> = Promise.resolve();

  constructor(mentions: Mention[] = [], keep: (mentions: Mention[]) => void = () => undefined) {
    this.things = mentions.map((mention) => new Thing(mention));
    this.keep = keep;
  }

  /** What can be asked about by now. */
  get mentions(): Mention[] {
    return this.things.flatMap(({ mention, failure }) => (mention !== null && failure === null ? [mention] : []));
  }

  get isComing(): boolean {
    return this.things.some((thing) => thing.isComing);
  }

  get hasFailed(): boolean {
    return this.things.some((thing) => thing.failure !== null);
  }

  get hasImages(): boolean {
    return this.things.some((thing) => thing.isImage);
  }

  /** How many more it may be. */
  get room(): number {
    return MOST_MENTIONS - this.things.length;
  }

  add(mention: Mention): void {
    if (this.room > 0 && !this.has(mention)) this.change([...this.things, new Thing(mention)]);
  }

  has(mention: Mention): boolean {
    return this.things.some((thing) => thing.mention !== null && keyOf(thing.mention) === keyOf(mention));
  }

  /** Hands files over, as many as there is room for. */
  attach(host: Host, { files, leftOut, isMore }: Found): void {
    const taken = files.slice(0, Math.max(0, this.room)).map((file) => new Thing(null, file));
    this.change([...this.things, ...taken]);
    const left = leftOut + files.length - taken.length;
    this.leftOut = left > 0 ? { leftOut: left, isMore } : null;
    for (const thing of taken) this.bring(host, thing);
  }

  /** Hands a file over that could not be. */
  retry(host: Host, thing: Thing): void {
    thing.failure = null;
    this.bring(host, thing);
  }

  /** Takes a thing away; what was handed over here, from the host as well. */
  remove(host: Host, thing: Thing): void {
    thing.stop();
    this.leftOut = null;
    this.change(this.things.filter((other) => other !== thing));
    if (thing.file !== null && thing.mention?.kind === 'attachment') giveBack(host, thing.mention.id);
  }

  /** Takes away what is not among these. */
  reset(host: Host, mentions: Mention[]): void {
    const kept = new Set(mentions.map(keyOf));
    for (const thing of this.things) {
      if (thing.mention === null || !kept.has(keyOf(thing.mention))) this.remove(host, thing);
    }
  }

  /** What can be asked about; then it is empty. */
  take(): Mention[] {
    const { mentions } = this;
    this.leftOut = null;
    this.change([]);
    return mentions;
  }

  /** Puts things before those that are there. */
  putBack(mentions: Mention[]): void {
    const missing = mentions.filter((mention) => !this.has(mention));
    this.change([...missing.map((mention) => new Thing(mention)), ...this.things]);
  }

  /** Once no file is on its way any more: whether all are there. */
  async settled(): Promise<boolean> {
    while (this.isComing) await this.queue;
    return !this.hasFailed;
  }

  /** Tells of attachments that the host has no more; after a day it drops what was not asked about. */
  async check(host: Host): Promise<void> {
    const check = async (thing: Thing): Promise<void> => {
      if (thing.mention?.kind !== 'attachment') return;
      try {
        await host.get('/v1/attachments/{id}', { path: { id: thing.mention.id } });
      } catch (failure) {
        if (failure instanceof HostError && failure.code === 'not-found') thing.failure = failure;
      }
    };
    await Promise.all(this.things.map(check));
  }

  private bring(host: Host, thing: Thing): void {
    this.queue = this.queue.then(() => this.handOver(host, thing));
  }

  private async handOver(host: Host, thing: Thing): Promise<void> {
    if (thing.file === null || thing.signal.aborted) return;
    try {
      const { id, name, image } = await handOver(host, thing.file, thing.signal);
      thing.mention = { kind: 'attachment', id, name, is_image: typeof image === 'string' };
      this.keep(this.mentions);
    } catch (failure) {
      if (!isAborted(failure)) thing.failure = failure;
    }
  }

  private change(things: Thing[]): void {
    this.things = things;
    this.keep(this.mentions);
  }
}

/** Gives an attachment back that is not wanted any more. One that a question is about stays, as the host says then. */
function giveBack(host: Host, id: string): void {
  host.delete('/v1/attachments/{id}', { path: { id } }).catch(() => undefined);
}
