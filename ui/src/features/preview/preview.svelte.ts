import { tick } from 'svelte';
import type { Host } from '../../backend/host';
import type { Span } from '../../backend/types';
import { focusAgain } from '../../components/modal';

/** A place in a source. */
export interface Place {
  document: number;
  path: string;
  title: string | null;
  /** What of it is meant; null: all of it. */
  span: Span | null;
  /** The version that was read. */
  hash: string;
}

class Preview {
  /** What the pane shows; null: it is closed. */
  place = $state.raw<Place | null>(null);
  private opener: Element | null = null;

  open(place: Place): void {
    this.opener = document.activeElement;
    this.place = place;
  }

  close(): void {
    this.place = null;
    // What lies behind can be focused again once the pane has gone.
    void tick().then(() => focusAgain(this.opener));
  }

  /** Closes it if it shows this file, whose text is to be seen no more. */
  forget(path: string): void {
    if (this.place?.path === path) this.close();
  }
}

export const preview = new Preview();

/** Shows a source that is known by its id; its beginning without a span. */
export async function openSource(host: Host, document: number, span: Span | null): Promise<void> {
  const { document: source, passages } = await host.get('/v1/documents/{id}', { path: { id: document } });
  const { path, title, hash } = source;
  const beginning = passages[0]?.span ?? { unit: 'lines', start: 1, end: 1 };
  preview.open({ document, path, title: title ?? null, span: span ?? beginning, hash });
}
