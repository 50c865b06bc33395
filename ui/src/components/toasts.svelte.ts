import { explained } from './failure';

/** A short message that goes by itself. */
export interface Toast {
  id: number;
  text: string;
  tone: 'neutral' | 'danger';
}

/** How long a message stays. */
const MILLIS = { neutral: 5_000, danger: 12_000 };

class Toasts {
  all = $state<Toast[]>([]);
  private last = 0;

  say(text: string): void {
    this.add(text, 'neutral');
  }

  /** Tells of a failure. */
  fail(failure: unknown): void {
    this.add(explained(failure), 'danger');
  }

  dismiss(id: number): void {
    this.all = this.all.filter((toast) => toast.id !== id);
  }

  private add(text: string, tone: Toast['tone']): void {
    const id = ++this.last;
    this.all.push({ id, text, tone });
    setTimeout(() => this.dismiss(id), MILLIS[tone]);
  }
}

export const toasts = new Toasts();
