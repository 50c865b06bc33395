/** The pages of which parts are asked about. `other`: the address of a site whose pictures no other one may read. */
export function partsPages(other: string): Record<string, string | { body: string | Buffer; type: string }> {
  return {
    '/visit': `<!doctype html><html lang="en"><head><title>Visit the orchard</title></head><body>
<nav><a href="/prices">Prices</a></nav><h1>Visit the orchard</h1>
<p>${'The orchard lies in a valley where nothing much happens. '.repeat(40)}</p>
<h2>Tickets</h2><p>On Sundays entry is free for beekeepers; the others find
<a id="prices" href="/prices">what it costs *today*</a> on a page of its own.</p>
<p>${'The path leads past the pond and back. '.repeat(60)}</p>
<h2>Press</h2><p>Write to <a href="javascript:window.pressed=true">the press office</a>, or read
<a href="https://evil.example/win">our partner</a>.</p>
<p>The warden of the gate is called <b id="warden">Barnabas</b>, <span style="opacity:0">or so Mallory says,</span> and he
sleeps at noon.</p></body></html>`,
    '/queen': `<!doctype html><html lang="en"><head><title>The queen</title></head><body><h1>The queen</h1>
<figure><img id="own" src="/queen.png" width="120" height="90" alt="A queen with a blue dot">
<figcaption>Theodora, photographed in May by Igor.</figcaption></figure>
<p>${'She is the mother of all bees here. '.repeat(60)}</p></body></html>`,
    '/visitor': `<!doctype html><html lang="en"><head><title>The visitor</title></head><body><h1>A visitor</h1>
<p>This bee came over the wall on Tuesday:</p><img id="other" src="${other}/visitor.png" width="120" height="90"></body></html>`,
    '/framed': `<!doctype html><html lang="en"><head><title>Framed</title></head><body><h1>Framed</h1>
<iframe src="/visit" width="400" height="300"></iframe></body></html>`,
    '/prices': '<!doctype html><title>Prices</title><p>Ten crowns.',
  };
}
