import type { TreePiece } from './tree_stream';

/** The attributes of an element that a snapshot keeps. All others are of no use to who reads the page. */
export const KEPT_ATTRIBUTES = [
  'alt',
  'aria-level',
  'checked',
  'cite',
  'class',
  'colspan',
  'content',
  'data-lang',
  'data-language',
  'datetime',
  'dir',
  'headers',
  'href',
  'id',
  'itemid',
  'itemprop',
  'itemref',
  'itemscope',
  'itemtype',
  'lang',
  'open',
  'property',
  'rel',
  'resource',
  'reversed',
  'role',
  'rowspan',
  'scope',
  'src',
  'start',
  'type',
  'typeof',
  'value',
  'vocab',
] as const;

/** The name of an attribute that a snapshot keeps. */
export type AttributeName = (typeof KEPT_ATTRIBUTES)[number];

/** What a snapshot keeps of an element's attributes. Addresses are absolute. */
export type Attributes = Partial<Record<AttributeName, string>>;

/** An element that is seen, with what is seen in it. */
export interface PageElement {
  /** The name in lower case; that of a custom element as well. */
  tag: string;
  attributes: Attributes;
  children: PageNode[];
  /** Whether it stands on lines of its own, as it is laid out; left out when it does not. */
  isBlock?: true;
  /** Whether white space in its texts is kept as written; left out when it collapses. */
  keepsSpace?: true;
}

/** A text that is seen, or an element. */
export type PageNode = string | PageElement;

/** What a page says of itself; null where it says nothing. */
export interface Metadata {
  /** Its preferred address, absolute. */
  canonical: string | null;
  description: string | null;
  author: string | null;
  /** When it was published, as the page writes it. */
  published: string | null;
  siteName: string | null;
  /** Its kind in OpenGraph, such as `article`, or in JSON-LD, such as `NewsArticle`. */
  kind: string | null;
}

/** A link that is seen. */
export interface PageLink {
  text: string;
  /** Absolute. */
  address: string;
}

/** What is selected in a page, with the text that is seen around it. */
export interface PageSelection {
  text: string;
  /** At most 500 characters. */
  before: string;
  /** At most 500 characters. */
  after: string;
  /** Whether more is selected than is told. */
  isCut?: true;
}

/**
 * What a person sees of a page, as data. Hand its tree to other processes in pieces (`tree_stream.ts`): it may be deeper
 * than what browsers take as a value, and a page that waits until all of it is written waits long.
 */
export interface Snapshot {
  url: string;
  /** The type of the document, such as `text/html`. */
  contentType: string;
  title: string;
  /** A language tag such as `en-GB`; null when the page names none. */
  language: string | null;
  direction: 'ltr' | 'rtl';
  metadata: Metadata;
  /** The JSON-LD of the page as written. It is not seen: use it as data only. */
  structured: string[];
  links: PageLink[];
  selection: PageSelection | null;
  /** The body with what is seen of it. */
  root: PageElement;
  /** Where in the tree the chosen element is: the index among the children, from the root on; null when it is not. */
  chosen: number[] | null;
  /** Whether the page is larger than what was read. */
  isCut: boolean;
}

/** How much is read, and about what. */
export interface SnapshotOptions {
  /** The most characters of text; 2 000 000 when left out. */
  maxCharacters?: number;
  /** The most nodes that are looked at; 200 000 when left out. */
  maxNodes?: number;
  /** Ends the reading. */
  signal?: AbortSignal;
  /** An element that a person pointed to, whose path is wanted. */
  chosen?: Element;
  /** What is selected; that of the page, or of its frame that has the focus, when left out. */
  selected?: Range;
  /** Takes the tree in pieces while it is read. */
  send?: (piece: TreePiece) => void;
}
