import { elementsOf, lineOf, textOf } from './tree';
import type { PageElement } from './types';

/** A formula in MathML as people write one in a line: `(a+b)/(c)`, `x^2`, `√(y)`. */
export function mathText(element: PageElement): string {
  const parts = elementsOf(element);
  const [first, second, third] = parts.map(mathText);
  switch (element.tag) {
    case 'mfrac':
      return `${grouped(first)}/${grouped(second)}`;
    case 'msup':
      return `${first ?? ''}^${grouped(second)}`;
    case 'msub':
      return `${first ?? ''}_${grouped(second)}`;
    case 'msubsup':
    case 'munderover':
      return `${first ?? ''}_${grouped(second)}^${grouped(third)}`;
    case 'munder':
      return `${first ?? ''}_${grouped(second)}`;
    case 'mover':
      return `${first ?? ''}^${grouped(second)}`;
    case 'msqrt':
      return `√(${parts.map(mathText).join('')})`;
    case 'mroot':
      return `${grouped(second)}√(${first ?? ''})`;
    case 'mtable':
      return `[${parts.map(mathText).join('; ')}]`;
    case 'mtr':
      return parts.map(mathText).join(', ');
    case 'annotation':
    case 'annotation-xml':
      return '';
    case 'mo':
    case 'mtext':
      return textOf(element).replace(/\s+/g, ' ');
    default:
      return parts.length > 0 ? parts.map(mathText).join('') : lineOf(element);
  }
}

/** Several signs as one. */
function grouped(text: string | undefined): string {
  const inside = (text ?? '').trim();
  return [...inside].length > 1 && !/^[\p{L}\p{N}]+$/u.test(inside) ? `(${inside})` : inside;
}
