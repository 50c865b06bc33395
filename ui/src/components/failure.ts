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

function capitalised(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
