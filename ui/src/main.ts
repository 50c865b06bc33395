import './styles/base.css';
import { mount } from 'svelte';
import { Admission, takeCredential } from './backend/admission.svelte';
import { credentialIn, keptToken } from './backend/credential';
import { WebBackend } from './backend/web';
import App from './features/shell/App.svelte';

const backend = new WebBackend(keptToken.get);
const admission = new Admission(backend, takeCredential());
void admission.exchange();

const target = document.getElementById('page');
if (target) mount(App, { target, props: { backend, admission } });

// A link with a new code that is opened in this tab changes the fragment alone.
addEventListener('hashchange', () => {
  if (credentialIn(location.hash)) location.reload();
});
