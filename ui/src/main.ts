import './styles/base.css';
import { mount } from 'svelte';
import { Admission, takeCredential } from './backend/admission.svelte';
import type { Backend } from './backend/backend';
import { BridgeBackend } from './backend/bridge';
import { credentialIn, keptToken } from './backend/credential';
import { TauriBackend } from './backend/tauri';
import { WebBackend } from './backend/web';
import Launcher from './features/launcher/Launcher.svelte';
import App from './features/shell/App.svelte';

/** The address of the launcher, which has a window of its own. */
const LAUNCHER = '#/launcher';

function reach(): Backend {
  if (TauriBackend.isHere) return new TauriBackend();
  return BridgeBackend.isHere ? new BridgeBackend() : new WebBackend(keptToken.get);
}

const backend = reach();
const admission = new Admission(backend, takeCredential());
void admission.exchange();

const target = document.getElementById('page');
const { shell } = backend;
if (target && shell && location.hash === LAUNCHER) mount(Launcher, { target, props: { backend, shell } });
else if (target) mount(App, { target, props: { backend, admission } });

// A link with a new code that is opened in this tab changes the fragment alone.
addEventListener('hashchange', () => {
  if (credentialIn(location.hash)) location.reload();
});
