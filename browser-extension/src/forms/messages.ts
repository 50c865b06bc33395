import type { Language } from '../../../ui/src/i18n/locale.svelte';
import { german } from './messages_german';
import { english, type FormMessages } from './messages_english';

/** Every text of the preview of a filling, by the language of the page that shows it. */
export const FORM_MESSAGES: Record<Language, FormMessages> = { en: english, de: german };
