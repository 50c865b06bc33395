import { i18n } from '../../i18n/i18n.svelte';

/** What people call a surface; what is not known is called by its own name. */
export function surfaceName(name: string): string {
  const { surfaces } = i18n.t.memory;
  return surfaces[name as keyof typeof surfaces] ?? name;
}
