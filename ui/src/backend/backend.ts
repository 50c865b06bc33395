import type { Citation, Span } from './types';

/** A request to the host, in the words of its API. */
export interface HostRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path with query, escaped: `/v1/sessions?limit=50`. */
  path: string;
  /** Sent as JSON; no body when undefined. */
  body?: unknown;
  /** Ends the request; the host then stops its work for it. */
  signal?: AbortSignal | undefined;
}

/** How the page reaches the host. All that it knows of the host passes here. */
export interface Backend {
  /**
   * Asks, and gives the JSON of the answer; undefined when it has no content.
   * @throws {HostError} when the host refuses or cannot be reached
   * @throws {DOMException} `AbortError` when the signal ended it
   */
  request(request: HostRequest): Promise<unknown>;
  /**
   * Asks, and gives the JSON of each event of the answer as it comes.
   * @throws as `request`; {HostError} `unreachable` as well when the stream breaks off
   */
  stream(request: HostRequest): AsyncIterable<unknown>;
  /** The program that shows the page, where that is more than a browser. */
  readonly shell?: Shell;
  /** The editor that shows the page beside people's files. */
  readonly editor?: Editor;
}

/** An editor that shows the page in a view of its own. */
export interface Editor {
  /** Opens a file at a line, the first of which is 1. */
  openFile(path: string, line: number): void;
  /** Tells where the editor wants people to be; gives what ends it. What it said before anybody listened is told then. */
  listen(tell: (message: GoMessage) => void): () => void;
}

/** The browser beside whose pages this is shown. */
export interface Browsing {
  /** Shows a source in the page that it is of; false where no such page is open, or it does not hold it any more. */
  show(citation: Citation): Promise<boolean>;
}

/** What the program that shows the page tells it. */
export type ShellMessage =
  /** Shows a view: the page goes to this address. The question is put where one types, and not sent. */
  | { kind: 'go'; address: string; question: string | null }
  /** Shows a source; its beginning without a span. */
  | { kind: 'show'; document: number; span: Span | null }
  /** Looks for this: it is put where one types. */
  | { kind: 'find'; query: string }
  /** What is selected in another program; null when there is nothing, or it may not be read. */
  | { kind: 'selection'; consent: Consent; selected: Selected | null }
  /** The desktop has no place for the icon by which Ambit is found. */
  | { kind: 'no-tray' }
  /** It has one after all. */
  | { kind: 'tray-there' }
  /** The launcher cannot be opened by its shortcut. */
  | { kind: 'no-shortcut'; shortcut: string; reason: string }
  /** The launcher has its shortcut, or none is wanted. */
  | { kind: 'shortcut-held' }
  /** A file that the page gave lies there now; at null it could not be written. */
  | { kind: 'saved'; path: string | null };

/** A view that is to be shown. */
export type GoMessage = Extract<ShellMessage, { kind: 'go' }>;

/** Whether what is selected in other programs may be read; `ask`: that was not said yet. */
export type Consent = 'ask' | 'allow' | 'refuse';

/** What is selected in another program. */
export interface Selected {
  text: string;
  /** Whether it is only the beginning. */
  isCut: boolean;
  /** Whether it was copied, and nothing is selected. */
  isCopied: boolean;
  /** Whether another text can be put in its place. */
  canPaste: boolean;
}

/** What there is to tell people until they put it away. */
export type ShellNotice = Extract<ShellMessage, { kind: 'no-tray' | 'no-shortcut' }>;

/** The program that shows the page: its windows, and what it has to say. */
export interface Shell {
  /** Tells what there is to say, what was said before as well; gives what ends it. */
  listen(tell: (message: ShellMessage) => void): () => void;
  /** Puts the launcher away. */
  hideLauncher(): void;
  /** Shows the main window, at an address of the page: `#/chat/ID`. */
  open(address: string): void;
  /** Has what is selected told anew. */
  offerSelection(): void;
  /**
   * Puts the launcher away, and a text into the program that was in front before. It stays copied.
   * @throws {Error} when that is not possible
   */
  paste(text: string): Promise<void>;
  /**
   * Has one choose a folder in the desktop's dialog of that title; null when none is chosen.
   * @throws {Error} when that is not possible
   */
  chooseFolder(title: string): Promise<string | null>;
  /** An answer in a chat is complete, for who does not see it. */
  answered(address: string, title: string): void;
}

/** Why the host did not do what was asked: its code for machines, what happened, and what one can do about it. */
export class HostError extends Error {
  constructor(
    /** A code of the host, or `unreachable` when no answer came. */
    readonly code: string,
    message: string,
    readonly hint: string | null = null,
  ) {
    super(message);
    this.name = 'HostError';
  }
}

/** Whether a failure is only the end that the caller asked for. */
export function isAborted(failure: unknown): boolean {
  return failure instanceof DOMException && failure.name === 'AbortError';
}
