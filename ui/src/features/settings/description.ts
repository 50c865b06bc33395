import type { Setting } from '../../backend/types';
import { i18n } from '../../i18n/i18n.svelte';

/** What a setting does, in the language of the page; in the host's where that is not known. */
export function descriptionOf(setting: Setting): string {
  return i18n.t.settings.descriptions[setting.key] ?? setting.description;
}
