import type { GoMessage } from './backend';
import type { Call, Piece } from './pieces';

/** What goes over its port to the program that embeds the page. */
export type ToBridge = { call: Call } | { cancel: string } | { open: { path: string; line: number } };

/** What comes from it: a piece of the answer to a call, or, from an editor, where people are to be. */
export type FromBridge = { id: string; piece: Piece } | { go: GoMessage };
