import { choicesOf } from './choices';
import { typeOf } from './controls';
import { describe } from './describe';
import { childNodes, defaultView, frameDocument, isConnected, ownerDocument } from './dom';
import { heldField, isSameField, presentFields, type Held } from './fields';
import { SubmissionGuard } from './guard';
import { isSecret } from './secrets';
import { putNodes, putOptions, putValue, unchoose, type Check, type Obstacle } from './set_value';
import { isReachable, type Control } from './survey';
import type { FillEntry, FillOutcome, FillReport, FormField, UndoOutcome, UndoReport } from './types';

/** In milliseconds: how long a page may take to answer a filling before it is read again. */
const SETTLING = 60;

/** What a filled field held before, and holds since. */
interface Filled {
  control: Control;
  before: string;
  /** The chosen options or the nodes of an edited text before. */
  chosen: ReadonlySet<Element>;
  nodes: readonly Node[];
  after: string;
}

const filled = new Map<string, Filled>();
let last: Promise<unknown> = Promise.resolve();

/** Fills fields with what the person confirmed, those alone that are still what the person saw; tells what became of
 * each. Nothing is submitted: what the page's own scripts try meanwhile is stopped. */
export function fill(entries: readonly FillEntry[]): Promise<FillReport> {
  return afterLast(async () => {
    const present = presentFields();
    const guard = new SubmissionGuard(windowsOf([...present.values()].map(({ control }) => control)));
    try {
      const outcomes = new Map<string, FillOutcome>();
      for (const { id, value } of entries) {
        outcomes.set(id, fillOne(id, value, present));
        await turn();
      }
      await settled();
      const fields = entries.map(({ id, value }) => result(id, value, outcomes.get(id) ?? 'gone'));
      return { fields, stoppedSubmissions: guard.count };
    } finally {
      guard.end();
    }
  });
}

/** Puts back what stood in all fields that were filled, but for those that were changed since. */
export function undo(): Promise<UndoReport> {
  return afterLast(async () => {
    const all = [...filled].reverse();
    filled.clear();
    const guard = new SubmissionGuard(windowsOf(all.map(([, { control }]) => control)));
    try {
      const outcomes = new Map<string, UndoOutcome>();
      for (const [id, one] of all) {
        outcomes.set(id, undoOne(one));
        await turn();
      }
      await settled();
      const fields = all.reverse().map(([id, { control, before }]) => {
        const outcome = outcomes.get(id) ?? 'gone';
        const isBack = outcome !== 'restored' || (isConnected(control.elements[0]) && valueNow(control) === before);
        return { id, outcome: isBack ? outcome : ('refused' as const) };
      });
      return { fields, stoppedSubmissions: guard.count };
    } finally {
      guard.end();
    }
  });
}

function fillOne(id: string, value: string, present: ReadonlyMap<string, Held>): FillOutcome {
  const held = heldField(id);
  if (!held || !isConnected(held.control.elements[0])) return 'gone';
  const control = present.get(id)?.control ?? held.control;
  const check = (): FillOutcome | null => hindrance(held.field, control, value);
  const obstacle = check() ?? (present.has(id) ? null : 'hidden');
  if (obstacle) return obstacle;
  const now = valueNow(control);
  if (now === value) return 'same';
  const known = filled.get(id);
  if (now !== (known?.after ?? held.field.value)) return 'changed';
  const record = {
    control,
    before: known?.before ?? now,
    chosen: known?.chosen ?? chosenIn(control),
    nodes: known?.nodes ?? copyOf(control),
  };
  const refusal = putValue(control, value, check);
  if (refusal) return refusal;
  filled.set(id, { ...record, after: value });
  return 'filled';
}

/** What keeps a value out of a control now: that it is not what the person saw any more; null when it is. */
function hindrance(field: FormField, control: Control, value: string): FillOutcome | null {
  const [element] = control.elements;
  if (!isConnected(element)) return 'gone';
  // An input may have been made one for a password.
  if (typeOf(element) !== control.type) return 'swapped';
  const now = describe(control.type, control.elements, control.heading);
  if (!isSameField(field, now) || isSecret(now, false)) return 'swapped';
  if (!isReachable(control)) return 'hidden';
  if (!areOptionsSame(field, now, value)) return 'no option';
  const { maximumLength } = now.constraints;
  return now.options.length === 0 && maximumLength !== null && value.length > maximumLength ? 'refused' : null;
}

function undoOne({ control, before, chosen, nodes, after }: Filled): UndoOutcome {
  const [element] = control.elements;
  const check = (): FillOutcome | null => (typeOf(element) === control.type ? null : 'swapped');
  if (!isConnected(element)) return 'gone';
  if (valueNow(control) !== after) return 'changed';
  if (control.type === 'radio' && before === '') {
    for (const choice of choicesOf(control.type, control.elements)) if (choice.isChosen) unchoose(choice.element);
    return 'restored';
  }
  return restore(control, before, chosen, nodes, check) ? 'refused' : 'restored';
}

function restore(
  control: Control,
  before: string,
  chosen: ReadonlySet<Element>,
  nodes: readonly Node[],
  check: Check,
): Obstacle {
  if (control.type.startsWith('select')) return putOptions(control, chosen, check);
  if (control.type === 'editable') return putNodes(control.elements[0], nodes, check);
  return putValue(control, before, check);
}

/** What became of an entry once the page has answered. */
function result(id: string, value: string, outcome: FillOutcome): FillReport['fields'][number] {
  const one = filled.get(id);
  if (outcome !== 'filled' || !one) return { id, outcome, value: '' };
  if (!isConnected(one.control.elements[0])) return { id, outcome: 'gone', value: '' };
  const now = valueNow(one.control);
  one.after = now;
  if (now !== value && now === one.before) {
    filled.delete(id);
    return { id, outcome: 'refused', value: now };
  }
  return { id, outcome: now === value ? 'filled' : 'altered', value: now };
}

function valueNow({ type, elements, heading }: Control): string {
  return describe(type, elements, heading).value;
}

/** Whether the option that the person chose is still called the same. */
function areOptionsSame(before: FormField, now: Pick<FormField, 'options'>, value: string): boolean {
  if (before.options.length === 0 || value === '') return true;
  return value.split('\n').every((one) => {
    const [was, is] = [before, now].map(({ options }) => options.find((option) => option.value === one));
    return was !== undefined && is !== undefined && was.text === is.text && !is.isDisabled;
  });
}

function chosenIn({ type, elements }: Control): ReadonlySet<Element> {
  return new Set(choicesOf(type, elements).flatMap(({ element, isChosen }) => (isChosen ? [element] : [])));
}

function copyOf({ type, elements: [element] }: Control): Node[] {
  return type === 'editable' ? [...childNodes(element)].map((node) => node.cloneNode(true)) : [];
}

/** The windows of the documents in which controls stand, and of those around them. */
function windowsOf(controls: readonly Control[]): Set<Window> {
  const documents = controls.flatMap(({ elements: [element], frames }) => [
    ownerDocument(element),
    ...frames.flatMap((frame) => [ownerDocument(frame.element), frameDocument(frame.element)]),
  ]);
  return new Set(documents.flatMap((document) => (document ? (defaultView(document) ?? []) : [])));
}

/** Runs when what was asked before has ended, however it did. */
function afterLast<T>(run: () => Promise<T>): Promise<T> {
  const next = last.then(run, run);
  last = next;
  return next;
}

/** The page's next turn, in which it does what it deferred. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

function settled(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, SETTLING);
  });
}
