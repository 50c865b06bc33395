// Fits the page into a view of VS Code. It runs before the page, in the page's own window, since the frame around a view belongs
// to VS Code and gives no port.
import type { FromView, ToView } from '../chat/messages';

const view = acquireVsCodeApi();
const say = (message: FromView): void => view.postMessage(message);
const { port1: port, port2: given } = new MessageChannel();

port.onmessage = ({ data }: MessageEvent<FromView>) => say(data);
addEventListener('message', ({ source, data }: MessageEvent<ToView | string>) => {
  if (source === window && data === 'ambit-ready') {
    window.postMessage('ambit-port', location.origin, [given]);
    say({ ready: true });
  } else if (source !== window && typeof data === 'object') {
    // From the frame of VS Code, which hides itself; no other window knows of this one.
    port.postMessage(data);
  }
});

/** The page follows the system's colours, a view those of the editor. */
function followTheme(): void {
  const isLight = document.body.matches('.vscode-light, .vscode-high-contrast-light');
  document.documentElement.style.colorScheme = isLight ? 'light' : 'dark';
}

addEventListener('DOMContentLoaded', () => {
  // What VS Code gives views that have no style of their own.
  document.getElementById('_defaultStyles')?.remove();
  followTheme();
  new MutationObserver(followTheme).observe(document.body, { attributeFilter: ['class'] });
  // VS Code takes clicks on links for itself and knows no addresses within a page.
  document.body.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const address = link?.getAttribute('href') ?? '';
    if (event.defaultPrevented || event.button !== 0 || !address.startsWith('#/')) return;
    event.preventDefault();
    location.hash = address;
  });
});
