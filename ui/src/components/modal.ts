import type { Attachment } from 'svelte/attachments';

/**
 * Shows a dialog over everything else while it is there; the focus goes where `first` says, and at the end back to where it
 * was before.
 */
export function modal(first?: (dialog: HTMLDialogElement) => HTMLElement | null): Attachment<HTMLDialogElement> {
  return (dialog) => {
    const before = document.activeElement;
    dialog.showModal();
    first?.(dialog)?.focus();
    return () => {
      dialog.close();
      focusAgain(before);
    };
  };
}

/** Gives the focus back to what had it, if that is still there. */
export function focusAgain(element: Element | null): void {
  if (element instanceof HTMLElement && element.isConnected) element.focus();
}

/** Whether a press met what lies behind a dialog: its own box is covered by its content. */
export function isBeside(event: MouseEvent): boolean {
  return event.target === event.currentTarget;
}
