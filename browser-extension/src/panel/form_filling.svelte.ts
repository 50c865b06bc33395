import type { Host } from '../../../ui/src/backend/host';
import { propose } from '../forms/propose';
import { entriesOf } from '../forms/remembered';
import type { FillEntry, FillReport, FormField, Proposal, UndoReport } from '../forms/types';
import type { OpenPage } from './open_page.svelte';
import { fieldsOf, fill, undo } from './reading';

/** The form of a page: what could go into it, what went in, and what came of it. */
export class FormFilling {
  fields = $state.raw<FormField[] | null>(null);
  proposals = $state.raw<Proposal[]>([]);
  report = $state.raw<FillReport | null>(null);
  undone = $state.raw<UndoReport | null>(null);
  isFilling = $state(false);
  /** The tab whose fields were read. Another one may be in front by now. */
  private tab: number | null = null;

  constructor(
    private readonly host: Host,
    private readonly page: OpenPage,
  ) {}

  /**
   * Reads which fields there are, and what is remembered for them.
   * @throws why the page cannot be read, or what the host says
   */
  async read(): Promise<void> {
    const { tab } = this.page;
    this.fields = null;
    if (tab === null || this.page.obstacle !== null) return;
    const [fields, { memories }] = await Promise.all([fieldsOf(tab), this.host.get('/v1/memories')]);
    this.tab = tab;
    this.proposals = propose(fields, entriesOf(memories));
    this.fields = fields;
    this.report = null;
    this.undone = null;
  }

  /**
   * Fills in what the person confirmed.
   * @throws when the page is closed
   */
  async fill(entries: FillEntry[]): Promise<void> {
    if (this.tab === null) return;
    this.isFilling = true;
    try {
      this.report = await fill(this.tab, entries);
      this.undone = null;
    } finally {
      this.isFilling = false;
    }
  }

  /**
   * Puts back what stood in the fields before.
   * @throws when the page is closed
   */
  async undo(): Promise<void> {
    if (this.tab !== null) this.undone = await undo(this.tab);
  }

  /**
   * Remembers a value for fields of a kind, as a memory that can be seen, changed and forgotten like any other.
   * @throws what the host says
   */
  async remember(name: string, value: string): Promise<void> {
    await this.host.post('/v1/memories', {
      body: { text: `${name}: ${value}`, kind: 'fact', scope: { scope: 'global' } },
    });
    await this.read();
  }
}
