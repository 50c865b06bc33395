/** The edges of something on the page, as `getBoundingClientRect` gives them. */
export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** How much stays free between what is placed, its opener and the window's edge, in pixels. */
const GAP = 4;

/**
 * Where something of a size stands that belongs to an opener: on the wanted side, on the other one if there alone is room,
 * and always within the window.
 */
export function placed(
  opener: Box,
  size: { width: number; height: number },
  window: { width: number; height: number },
  side: 'below' | 'above',
  align: 'start' | 'end',
): { left: number; top: number } {
  const below = opener.bottom + GAP;
  const above = opener.top - GAP - size.height;
  const fitsBelow = below + size.height <= window.height - GAP;
  const fitsAbove = above >= GAP;
  const isBelow = side === 'below' ? fitsBelow || !fitsAbove : fitsBelow && !fitsAbove;
  const left = align === 'start' ? opener.left : opener.right - size.width;
  return {
    left: within(left, window.width - size.width),
    top: within(isBelow ? below : above, window.height - size.height),
  };
}

function within(wanted: number, room: number): number {
  return Math.max(GAP, Math.min(wanted, room - GAP));
}
