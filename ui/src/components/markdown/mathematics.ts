import temml from 'temml';

/** Draws a formula as MathML into an element; leaves the element as it is when the formula has a mistake. */
export function draw(tex: string, display: boolean, place: HTMLElement): void {
  const drawn = document.createElement('span');
  try {
    // Untrusted: no links, no classes, no pictures, and an end to macros that call each other.
    temml.render(tex, drawn, {
      displayMode: display,
      throwOnError: true,
      trust: false,
      maxExpand: 100,
      maxSize: [20, 100],
    });
  } catch {
    return;
  }
  // Labels would give the page names and links that are not its own.
  for (const element of drawn.querySelectorAll('[id]')) element.removeAttribute('id');
  for (const link of drawn.querySelectorAll('a')) link.replaceWith(...link.childNodes);
  place.replaceChildren(...drawn.childNodes);
}
