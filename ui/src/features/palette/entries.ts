import type { FoundTurn, Hit, Session, Setting } from '../../backend/types';
import { matches } from '../../components/matches';
import { splitPath } from '../preview/place';

/** What Tab puts where one types: the name of the entry that is chosen, or of the first that has one. Null when that stands there. */
export function completionOf(
  entries: { completes?: string }[],
  chosen: { completes?: string } | undefined,
  query: string,
): string | null {
  const name = chosen?.completes ?? entries.find(({ completes }) => completes !== undefined)?.completes;
  return query === '' || name === undefined || name === query ? null : name;
}

/** The conversations whose title fits, the last changed first. */
export function fittingChats(sessions: Session[], query: string, most: number): Session[] {
  return sessions.filter((session) => matches(session.title, query)).slice(0, most);
}

/** The files of what was found, those first whose name fits, then by their best passage. Each stands for its best passage. */
export function filesOf(hits: Hit[], query: string, most: number): Hit[] {
  const best = new Map<number, Hit>();
  for (const hit of hits) if (!best.has(hit.document)) best.set(hit.document, hit);
  const files = [...best.values()];
  const named = (hit: Hit): boolean => matches(`${splitPath(hit.path).name} ${hit.title ?? ''}`, query);
  return [...files.filter(named), ...files.filter((hit) => !named(hit))].slice(0, most);
}

/** Turns that say what is looked for, of chats that are not found by their title already. */
export function answersOf(turns: FoundTurn[], query: string): FoundTurn[] {
  return query === '' ? [] : turns.filter((turn) => !matches(turn.title, query));
}

/** The settings whose name or description fits. */
export function fittingSettings(settings: Setting[], query: string, most: number): Setting[] {
  if (query === '') return [];
  return settings.filter(({ key, description }) => matches(`${key} ${description}`, query)).slice(0, most);
}
