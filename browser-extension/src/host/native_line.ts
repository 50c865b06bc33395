import { HostError } from '../../../ui/src/backend/backend';
import type { Line, Piece } from '../../../ui/src/backend/pieces';
import type { Problem } from '../../../ui/src/backend/types';
import { texts } from '../i18n/texts.svelte';
import { NATIVE_HOST, PROTOCOL } from './names';
import { Parts } from './parts';

/** What the program says. */
type Said =
  { hello: { protocol: number; version: string } } | { id: string; piece: Piece } | { failed: Partial<Problem> };

/** A port to a program that the browser starts, as far as it is used. */
export interface NativePort {
  postMessage(message: unknown): void;
  disconnect(): void;
  onMessage: { addListener(hear: (message: unknown) => void): void };
  onDisconnect: { addListener(hear: () => void): void };
}

/** How the browser is asked for a port, and why the last one ended. */
export interface NativeMessaging {
  connect(): NativePort;
  reason(port: NativePort): string | undefined;
}

/** The code where no other try would help. Of one that is unreachable people are told no reason. */
const UNFIT = 'unavailable';

/** A program that has said nothing after so many milliseconds is none that can be spoken with: it says hello at once. */
const LONGEST_SILENCE = 8_000;

interface Waiting {
  tell: (piece: Piece) => void;
  lost: (failure: unknown) => void;
}

/**
 * The way to the host by way of the program that the browser starts. The port is opened by the first request, and again after it
 * has ended; the program ends with it.
 */
export class NativeLine implements Line {
  private port: NativePort | null = null;
  private readonly waiting = new Map<string, Waiting>();
  private parts = new Parts();
  private silence: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly messaging: NativeMessaging,
    private readonly version: string,
  ) {}

  begin(call: Parameters<Line['begin']>[0], tell: Waiting['tell'], lost: Waiting['lost']): void {
    this.waiting.set(call.id, { tell, lost });
    try {
      this.opened().postMessage({ call });
    } catch (failure) {
      this.waiting.delete(call.id);
      lost(unreachable(String(failure)));
    }
  }

  cancel(id: string): void {
    if (!this.waiting.delete(id)) return;
    try {
      this.port?.postMessage({ cancel: id });
    } catch {
      // A port that has ended has given up all that was asked.
    }
  }

  private opened(): NativePort {
    if (this.port) return this.port;
    const port = this.messaging.connect();
    this.parts = new Parts();
    port.onMessage.addListener((came) => this.hear(port, came));
    port.onDisconnect.addListener(() => this.ended(port, gone(this.messaging.reason(port) ?? '')));
    port.postMessage({ hello: { protocol: PROTOCOL, version: this.version } });
    this.port = port;
    this.silence = setTimeout(() => this.broken(port, unreachable('')), LONGEST_SILENCE);
    return port;
  }

  private hear(port: NativePort, came: unknown): void {
    if (port !== this.port) return;
    clearTimeout(this.silence);
    let said: Said | undefined;
    try {
      said = this.parts.take(came) as Said | undefined;
    } catch (failure) {
      return this.broken(port, unreachable(String(failure)));
    }
    if (said === undefined || said === null || typeof said !== 'object') return;
    if ('hello' in said) {
      const { anotherVersion } = texts.t.host;
      if (said.hello.protocol !== PROTOCOL) this.broken(port, new HostError(UNFIT, anotherVersion(said.hello.version)));
      return;
    }
    if ('failed' in said) {
      const { code, detail, hint } = said.failed;
      return this.broken(port, new HostError(code ?? 'unreachable', detail ?? '', hint ?? null));
    }
    const waiting = this.waiting.get(said.id);
    if (!waiting || typeof said.piece !== 'object' || said.piece === null) return;
    if (!('data' in said.piece)) this.waiting.delete(said.id);
    waiting.tell(said.piece);
  }

  /** Gives up a port on which what is said cannot be understood. */
  private broken(port: NativePort, reason: HostError): void {
    port.disconnect();
    this.ended(port, reason);
  }

  private ended(port: NativePort, reason: HostError): void {
    if (port !== this.port) return;
    clearTimeout(this.silence);
    this.port = null;
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const { lost } of waiting) lost(reason);
  }
}

function unreachable(reason: string): HostError {
  return new HostError('unreachable', reason === '' ? texts.t.host.ended : reason, texts.t.host.status);
}

/** Why the program is not there, by what the browser says of it, in words that say what to do. */
function gone(reason: string): HostError {
  const { host } = texts.t;
  if (/not found|No such native application/i.test(reason)) return new HostError(UNFIT, host.missing, host.install);
  if (/forbidden|not allowed/i.test(reason)) return new HostError(UNFIT, host.forbidden, host.install);
  if (/exited|failed to start/i.test(reason)) return new HostError('unreachable', host.ended, host.status);
  return unreachable(reason);
}

/** The browser's own native messaging. */
export const browserMessaging: NativeMessaging = {
  connect: () => chrome.runtime.connectNative(NATIVE_HOST),
  // Firefox tells it with the port, Chromium with the call.
  reason: (port) => (port as { error?: { message: string } }).error?.message ?? chrome.runtime.lastError?.message,
};
