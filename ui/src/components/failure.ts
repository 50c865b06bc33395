import { HostError } from '../backend/backend';
import { i18n } from '../i18n/i18n.svelte';

/** What people read of a failure: what happened, and what they can do about it. */
export function told(failure: unknown): { message: string; hint: string | null } {
  if (failure instanceof HostError) {
    const message = failure.code === 'unreachable' ? i18n.t.failure.unreachable : failure.message;
    return { message: capitalised(message), hint: failure.hint && capitalised(failure.hint) };
  }
  return { message: failure instanceof Error ? failure.message : String(failure), hint: null };
}

/** The same in one text. */
export function explained(failure: unknown): string {
  const { message, hint } = told(failure);
  return explain(message, hint);
}

/** What happened and what one can do about it, in one text. */
export function explain(message: string, hint?: string | null): string {
  return hint ? `${capitalised(message)}. ${capitalised(hint)}` : capitalised(message);
}

function capitalised(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
