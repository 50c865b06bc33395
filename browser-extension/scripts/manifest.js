// The manifests of the extension: one text for both browsers, with what each has of its own.
import { readFileSync } from 'node:fs';

/** The key by which Chromium knows the extension; its id is in `crates/protocol/src/browser.rs`. */
const KEY =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvC3KNt+cUPfPDps47mcuIFcAb+EVzmkyxtH1sfqkm3cHl2FCqLbJlBeobTIqNgjgfE3xL8tl76xnHdC6of86v7hJ4+9QyArtFwakiYfNVgLEoIlQOFKCA/cfSmPW8UqqlxO1LhWuwTHmoabOlj/W61sGDqpo8CJy7pyGPmsCJjLHW7tjyLjIBkKL1WgU1SXyf/tRKpI7qJhBfsVmn95whdEHa9PM2BAy9iG2TUi3+ySqXnZT80uHaZsK3KyO9TovEBWN9ziGug/KUmEqYIiyHRHuPzm1+Hd52Y6r2xS/SiSO7S6CvZXkDn1azt4AD48lcdDnOyAE0aD3kk0HgbJWpwIDAQAB';

/** The extension in Firefox. */
const FIREFOX_ID = '{3114ce24-0852-45e4-bf79-44465a249909}';

/**
 * What the extension's own pages may load: only what the extension brings, and a host of this machine that they were paired with.
 * Firefox lets no script into its viewer of PDFs, so that there the extension itself has to ask for what the viewer shows; in
 * Chromium, a script in the page around the viewer does. One policy holds for all pages of an extension, of which the background has
 * no document to say less in: so it is the background that asks, and the panel narrows this to what Chromium's says, in `panel.html`.
 * @param {'chromium' | 'firefox'} browser
 */
function policy(browser) {
  const asked = browser === 'firefox' ? "'self' https: http:" : "'self' http://127.0.0.1:*";
  return (
    `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src ${asked}; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
  );
}

/**
 * @param {'chromium' | 'firefox'} browser
 * @param {string} [pages] a pattern of pages that may always be read, for tests, in which nobody can be asked
 */
export function manifest(browser, pages) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const icons = Object.fromEntries([16, 32, 48, 128].map((size) => [size, `icon-${size}.png`]));
  const isChromium = browser === 'chromium';
  return {
    manifest_version: 3,
    name: 'Ambit',
    version,
    description: '__MSG_description__',
    default_locale: 'en',
    icons,
    ...(isChromium
      ? { key: KEY, minimum_chrome_version: '126' }
      : {
          browser_specific_settings: {
            gecko: {
              id: FIREFOX_ID,
              strict_min_version: '128.0',
              data_collection_permissions: { required: ['none'] },
            },
          },
        }),
    permissions: [
      'activeTab',
      'contextMenus',
      'nativeMessaging',
      'scripting',
      'storage',
      ...(isChromium ? ['sidePanel'] : []),
    ],
    optional_host_permissions: ['http://*/*', 'https://*/*'],
    ...(pages === undefined ? {} : { host_permissions: [pages] }),
    content_security_policy: { extension_pages: policy(browser) },
    background: isChromium
      ? { service_worker: 'background.js', type: 'module' }
      : { scripts: ['background.js'], type: 'module' },
    action: { default_title: '__MSG_open__', default_icon: icons },
    ...(isChromium
      ? { side_panel: { default_path: 'panel.html' } }
      : { sidebar_action: { default_title: 'Ambit', default_panel: 'panel.html', default_icon: icons } }),
    omnibox: { keyword: 'ambit' },
    commands: {
      _execute_action: { suggested_key: { default: 'Alt+Shift+A' } },
      ask: { suggested_key: { default: 'Alt+Shift+Q' }, description: '__MSG_commandAsk__' },
      related: { suggested_key: { default: 'Alt+Shift+W' }, description: '__MSG_commandRelated__' },
      'ask-selection': { suggested_key: { default: 'Alt+Shift+S' }, description: '__MSG_commandAskSelection__' },
      summarise: { description: '__MSG_commandSummarise__' },
    },
  };
}
