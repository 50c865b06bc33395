import './styles/base.css';
import { mount } from 'svelte';
import { admit, credentialIn, keptToken } from './backend/credential';
import { WebBackend } from './backend/web';
import App from './features/shell/App.svelte';

const backend = new WebBackend(keptToken.get);

async function start(): Promise<void> {
  let codeFailed = false;
  try {
    await admit(backend);
  } catch {
    codeFailed = true;
  }
  const target = document.getElementById('page');
  if (target) mount(App, { target, props: { backend, codeFailed } });
}

// A link with a new code that is opened in this tab changes the fragment alone.
addEventListener('hashchange', () => {
  if (credentialIn(location.hash)) location.reload();
});

void start();
