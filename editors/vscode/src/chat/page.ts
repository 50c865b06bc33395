/** What a view needs to show the page. */
export interface Frame {
  /** Gives the address of a file, by its path below the extension's folder. */
  address: (path: string) => string;
  /** What the scripts and styles of this one document are known by. */
  nonce: string;
}

/** Where the build puts the page, and the script and style that fit it into a view. */
export const PAGE = 'page';
const FRAME = { script: 'dist/frame.js', style: 'media/frame.css' };

/**
 * The page's document for a view. Its policy is the host's own: nothing from elsewhere, and no script or style but those that
 * bear the nonce and what they import.
 */
export function framed(page: string, { address, nonce }: Frame): string {
  // A policy takes no `+` in the name of a host, as that of a view's files has; only VS Code itself answers for these.
  const source = new URL(address(PAGE)).origin.replace(/\/\/[^.]+\./, '//*.');
  const policy = [
    `default-src 'none'`,
    // The page loads parts of itself later, which the script with the nonce imports.
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'nonce-${nonce}'`,
    `img-src ${source} blob:`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `require-trusted-types-for 'script'`,
    `trusted-types svelte-trusted-html`,
  ].join('; ');
  const head = [
    `<meta http-equiv="Content-Security-Policy" content="${policy}" />`,
    // Where the page's loader finds the nonce for styles that come later.
    `<meta property="csp-nonce" nonce="${nonce}" />`,
    `<meta name="ambit-bridge" content="editor" />`,
    `<script nonce="${nonce}" src="${address(FRAME.script)}"></script>`,
  ];
  return page
    .replace(/(src|href)="\.\/([^"]+)"/g, (_, name: string, path: string) => `${name}="${address(`${PAGE}/${path}`)}"`)
    .replace(/<(script|link rel="stylesheet")(?=[\s>])/g, `<$1 nonce="${nonce}"`)
    .replace(/(<meta charset="[^"]*" \/>)/, `$1\n    ${head.join('\n    ')}`)
    .replace('</head>', `  <link rel="stylesheet" nonce="${nonce}" href="${address(FRAME.style)}" />\n  </head>`);
}
