import { createContext } from 'svelte';
import type { Browsing, Editor, Shell } from './backend';
import type { Connection } from './connection.svelte';
import type { Host } from './host';

/** The host, for every component. */
export const [useHost, provideHost] = createContext<Host>();

/** The connection to it. */
export const [useConnection, provideConnection] = createContext<Connection>();

/** The program that shows the page, where that is more than a browser. */
export const [useShell, provideShell] = createContext<Shell | undefined>();

/** The editor that shows the page, where one does. */
export const [useEditor, provideEditor] = createContext<Editor | undefined>();

/** The browser beside whose pages this is shown, where one does. */
export const [useBrowsing, provideBrowsing] = createContext<Browsing | undefined>();
