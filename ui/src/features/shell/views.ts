import ActivityView from '../activity/ActivityView.svelte';
import IndexView from '../index/IndexView.svelte';
import MemoryView from '../memory/MemoryView.svelte';
import ModelsView from '../models/ModelsView.svelte';
import ProvidersView from '../providers/ProvidersView.svelte';
import SettingsView from '../settings/SettingsView.svelte';
import WelcomeView from '../welcome/WelcomeView.svelte';

/** The views beside the chat, which is all that the page loads at first. */
export const views = {
  activity: ActivityView,
  index: IndexView,
  memory: MemoryView,
  models: ModelsView,
  providers: ProvidersView,
  settings: SettingsView,
  welcome: WelcomeView,
};
