import { kindNamed, sectionNamed, type Kind, type Section } from './kind_names';
import type { ProfileEntry, Source } from './types';

/** Which entries serve for a section, the best first; null: those of no section. */
const SERVES: Record<Section, readonly (Section | null)[]> = {
  shipping: ['shipping', null, 'home'],
  billing: ['billing', null, 'home'],
  home: ['home', null],
  work: ['work', null],
  mobile: ['mobile', null],
};

/** A value with where it comes from. */
export interface Valued {
  text: string;
  sources: Source[];
  /** Whether it was kept as it is, or could be made of what is kept in one way only. */
  isSure: boolean;
}

/** What is kept of the person, by kind and section. */
export class Profile {
  private readonly entries = new Map<string, Valued[]>();
  private readonly all = new Set<Section | null>([null]);

  constructor(entries: readonly ProfileEntry[]) {
    for (const { kind, value, source } of entries) {
      const words = kind.trim().split(/\s+/);
      const named = kindNamed(words.at(-1) ?? '');
      const section = words.length > 1 ? sectionNamed(words[0] ?? '') : null;
      const text = value.trim();
      if (!named || text === '' || (words.length > 1 && !section)) continue;
      this.all.add(section);
      this.add(key(named, section), { text, sources: [source], isSure: true });
    }
  }

  /** The sections in which values for a field of this section are looked for, the best first. */
  sectionsFor(section: Section | null): (Section | null)[] {
    return section === null ? [...this.all] : [...SERVES[section]];
  }

  /** What is kept of a kind in a section alone. */
  of(kind: Kind, section: Section | null): Valued[] {
    return this.entries.get(key(kind, section)) ?? [];
  }

  /** What is kept of a kind in a section, or else in none. */
  near(kind: Kind, section: Section | null): Valued[] {
    const own = this.of(kind, section);
    return own.length > 0 ? own : this.of(kind, null);
  }

  private add(at: string, valued: Valued): void {
    const present = this.entries.get(at) ?? [];
    const same = present.find(({ text }) => text === valued.text);
    if (same) same.sources.push(...valued.sources);
    else this.entries.set(at, [...present, valued]);
  }
}

function key(kind: Kind, section: Section | null): string {
  return `${section ?? ''} ${kind}`;
}
