import { locale } from '../../../ui/src/i18n/locale.svelte';
import { de } from './de';
import { en, type Texts } from './en';

class TextsOfLanguage {
  /** The texts in the language of the page. */
  readonly t: Texts = $derived(locale.language === 'de' ? de : en);
}

/** The texts of the extension. */
export const texts = new TextsOfLanguage();
