import '../../../ui/src/styles/base.css';
import { mount } from 'svelte';
import { PieceBackend } from '../../../ui/src/backend/pieces';
import { ChosenBackend } from '../host/chosen_backend.svelte';
import { browserMessaging, NativeLine } from '../host/native_line';
import Panel from './Panel.svelte';

const line = new NativeLine(browserMessaging, chrome.runtime.getManifest().version);
const target = document.getElementById('page');
// A panel that is open as a tab of its own is told which tab it is for.
const tab = Number(new URLSearchParams(location.search).get('tab') ?? NaN);
if (target)
  mount(Panel, {
    target,
    props: {
      backend: new ChosenBackend(new PieceBackend(line), chrome.storage.local),
      tab: Number.isInteger(tab) ? tab : null,
    },
  });
