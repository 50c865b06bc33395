import type { IconName } from '../components/Icon.svelte';
import type { View } from './router.svelte';

/** The views that one goes to by name, in order. */
export const NAVIGATION: [view: Exclude<View, 'chat' | 'welcome'>, icon: IconName][] = [
  ['index', 'folder'],
  ['memory', 'memory'],
  ['models', 'model'],
  ['providers', 'provider'],
  ['activity', 'activity'],
  ['settings', 'settings'],
];
