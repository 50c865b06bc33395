import type { FromBridge, ToBridge } from '../../../../ui/src/backend/bridge_messages';

/** What a view tells the extension: what the page says, and that its document is there. */
export type FromView = ToBridge | { ready: true };

/** What the extension tells a view. */
export type ToView = FromBridge;
