const VIEWS = ['chat', 'index', 'memory', 'models', 'providers', 'activity', 'settings', 'welcome'] as const;

/** The views that have an address. */
export type View = (typeof VIEWS)[number];

/** Views that show one of several things: a chat, a node of the knowledge graph, a setting. */
const WITH_ID: readonly View[] = ['chat', 'memory', 'settings'];

/** Where the page is: a view and, where it shows one of several things, which. */
export interface Route {
  view: View;
  id: string | null;
}

/** Reads a fragment such as `#/chat/ID`; what it does not know is a new chat. */
export function parseRoute(fragment: string): Route {
  const [, name, id] = /^#\/([^/]*)(?:\/(.+))?$/.exec(fragment) ?? [];
  const view = VIEWS.find((known) => known === name);
  if (!view) return { view: 'chat', id: null };
  try {
    return { view, id: id && WITH_ID.includes(view) ? decodeURIComponent(id) : null };
  } catch {
    return { view, id: null };
  }
}

/** The address of a route, for links. */
export function address(view: View, id?: string | null): string {
  return id ? `#/${view}/${encodeURIComponent(id)}` : `#/${view}`;
}

class Router {
  current = $state.raw<Route>(parseRoute(location.hash));

  constructor() {
    addEventListener('hashchange', () => (this.current = parseRoute(location.hash)));
  }

  go(view: View, id?: string | null): void {
    location.hash = address(view, id);
  }

  /** Goes there without a step in the history. */
  replace(view: View, id?: string | null): void {
    history.replaceState(null, '', address(view, id));
    this.current = parseRoute(location.hash);
  }
}

export const router = new Router();
