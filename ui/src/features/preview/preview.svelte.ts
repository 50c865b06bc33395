import type { Span } from '../../backend/types';

/** A place in a source. */
export interface Place {
  document: number;
  path: string;
  title: string | null;
  span: Span;
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
    if (this.opener instanceof HTMLElement && this.opener.isConnected) this.opener.focus();
  }
}

export const preview = new Preview();
