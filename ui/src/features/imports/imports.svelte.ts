import { isAborted } from '../../backend/backend';
import type { Host } from '../../backend/host';
import type { ImportEvent, ImportReport } from '../../backend/types';
import { explain, explained } from '../../components/failure';
import { upload } from './upload';

/** Chats of another service on their way here. It goes on when one looks at something else. */
class ChatImport {
  phase = $state<'none' | 'sending' | 'reading' | 'finished' | 'failed'>('none');
  /** Bytes of the file, and how many the host has. */
  size = $state(0);
  sent = $state(0);
  /** Chats that were read. */
  chats = $state(0);
  report = $state.raw<ImportReport | null>(null);
  failure = $state<string | null>(null);
  private abort = new AbortController();

  get isRunning(): boolean {
    return this.phase === 'sending' || this.phase === 'reading';
  }

  stop(): void {
    this.abort.abort();
  }

  /** Takes in what is in a file; what it comes to is shown, not thrown. */
  async run(host: Host, file: File): Promise<void> {
    if (this.isRunning) return;
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.phase = 'sending';
    this.size = file.size;
    [this.sent, this.chats, this.report, this.failure] = [0, 0, null, null];
    try {
      const sent = await upload(host, file, (bytes) => (this.sent = bytes), signal);
      this.phase = 'reading';
      for await (const event of host.begin('/v1/sessions/import', { body: { upload: sent }, signal }))
        this.apply(event);
      if (this.isRunning) this.phase = 'none';
    } catch (failure) {
      this.phase = isAborted(failure) ? 'none' : 'failed';
      this.failure = isAborted(failure) ? null : explained(failure);
    }
  }

  private apply(event: ImportEvent): void {
    switch (event.event) {
      case 'progress':
        this.chats = event.chats;
        break;
      case 'finished':
        this.phase = 'finished';
        this.report = event.report;
        break;
      case 'failed':
        this.phase = 'failed';
        this.failure = explain(event.problem.detail, event.problem.hint);
        break;
    }
  }
}

export const chatImport = new ChatImport();
