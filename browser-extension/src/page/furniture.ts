import { elementsOf, lineOf } from './tree';
import type { PageElement } from './types';

/** Parts of a page by which one goes elsewhere in it, wherever they stand. */
const WAYS = new Set(['navigation', 'menu', 'menubar', 'toolbar', 'tablist', 'search', 'tooltip', 'alertdialog']);
/** Words in classes by which pages call what is not their content. */
const NOT_CONTENT = words(
  'ad ads adv advert adverts advertisement advertorial adslot adsbygoogle sponsor sponsored sponsors promo promoted ' +
    'outbrain taboola cookie cookies consent gdpr ccpa onetrust breadcrumb breadcrumbs pagination pager skiplink ' +
    'share sharing sharebar social socials navbar nav navigation sitenav',
);
/** Words by which pages call what stands around an article. */
const AROUND = words(
  'related recommended recommendations recirculation newsletter subscribe subscription signup sidebar menu footer ' +
    'popup modal overlay comments trending mostread popular masthead toolbar tags byline-share readnext morefrom',
);
const SHORT = 40;

/** Whether an element is no content of any page: what leads elsewhere, asks for consent, or advertises. */
export function isFurniture(element: PageElement): boolean {
  const { tag, attributes, children } = element;
  if (tag === 'nav' || WAYS.has(attributes.role ?? '')) return true;
  if (tag === 'button' || attributes.role === 'button')
    return lineOf(element).length < SHORT && !isHeadingWithin(element);
  if (tag === 'footer' || attributes.role === 'contentinfo') return isFootOfPage(element);
  if (tag === 'header' || attributes.role === 'banner') return isMostlyLinks(element, 0.5) && !hasTitle(element);
  if (tag === 'aside' || attributes.role === 'complementary') {
    return isNamed(element, NOT_CONTENT) || isNamed(element, AROUND) || isMostlyLinks(element, 0.6);
  }
  if (/^(?:html|body|main|article|h[1-6]|pre|code|table|tbody|tr|td|th)$/.test(tag) || children.length === 0)
    return false;
  return isNamed(element, NOT_CONTENT);
}

/** Whether an element stands around an article, as pages name it, or as it only leads elsewhere. */
export function isAroundArticle(element: PageElement): boolean {
  if (isFurniture(element)) return true;
  const { tag } = element;
  if (tag === 'form') return true;
  if (/^(?:aside|div|section|ul|ol)$/.test(tag)) return isNamed(element, AROUND) || isMostlyLinks(element, 0.75);
  return false;
}

/** How much of a text is in links, from 0 to 1. */
function linkShare(element: PageElement): number {
  const all = lineOf(element).length;
  return all === 0 ? 0 : linked(element) / all;
}

function linked(element: PageElement): number {
  if (element.tag === 'a') return lineOf(element).length;
  return elementsOf(element).reduce((sum, child) => sum + linked(child), 0);
}

/** Whether an element has several links and not much else. */
function isMostlyLinks(element: PageElement, share: number): boolean {
  return countLinks(element) >= 3 && linkShare(element) > share;
}

function countLinks(element: PageElement): number {
  return (element.tag === 'a' ? 1 : 0) + elementsOf(element).reduce((sum, child) => sum + countLinks(child), 0);
}

/** Whether a foot is that of the page: it has links or is about rights, and not of a quotation or a post. */
function isFootOfPage(element: PageElement): boolean {
  return (
    element.attributes.role === 'contentinfo' || countLinks(element) >= 2 || /©|\bcopyright\b/i.test(lineOf(element))
  );
}

function hasTitle(element: PageElement): boolean {
  return /^h[1-2]$/.test(element.tag) || elementsOf(element).some(hasTitle);
}

function isHeadingWithin(element: PageElement): boolean {
  return elementsOf(element).some((child) => /^h[1-6]$/.test(child.tag) || isHeadingWithin(child));
}

function isNamed({ attributes }: PageElement, names: Set<string>): boolean {
  const said = `${attributes.class ?? ''} ${attributes.id ?? ''}`;
  return said
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[\s_-]+/)
    .some((word) => names.has(word));
}

function words(list: string): Set<string> {
  return new Set(list.split(' '));
}
