/** The address of a link if following it is harmless, otherwise null. */
export function safeAddress(address: string): string | null {
  try {
    const url = new URL(address);
    return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** Where a link leads, if its text does not say so: the host, or the receiver of a letter. */
export function hostBehind(href: string, text: string): string | null {
  const said = text.trim();
  if ([said, `https://${said}`, `http://${said}`, `mailto:${said}`].some((address) => safeAddress(address) === href))
    return null;
  const { protocol, host, pathname } = new URL(href);
  return protocol === 'mailto:' ? pathname : host;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

/** Text with its character references resolved, which Markdown knows outside code. */
export function unescaped(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|(\w+));/g, (whole, decimal, hexadecimal, name) => {
    if (name !== undefined) return ENTITIES[name as string] ?? whole;
    const point = decimal !== undefined ? Number(decimal) : parseInt(hexadecimal as string, 16);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
