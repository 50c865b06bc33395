import { isOpen, typeOf } from './controls';
import type { Covers } from './covers';
import { attribute, formOf, getRootNode, tag } from './dom';
import type { FieldType } from './types';
import { isBoxVisible, isVisible } from './visibility';
import { areFramesVisible, walk, type Framed, type Met } from './walk';

const MOST_CONTROLS = 400;

/** A control that a person sees and may change. */
export interface Control {
  type: FieldType;
  /** One, or all radio buttons of a group. */
  elements: [Element, ...Element[]];
  /** The last heading before it. */
  heading: string;
  frames: readonly Framed[];
  covers: Covers;
  /** What the controls of one form have in common. */
  form: object;
}

/** The controls of a page that a person sees and may change, in its order, with the radio buttons of a group as one. */
export function survey(document: Document): Control[] {
  const found: Control[] = [];
  const radios = new Map<object, Map<string, Control>>();
  const frames = new Map<readonly Framed[], boolean>();
  for (const met of walk(document)) {
    const { element, isShutOut, ...place } = met;
    const type = tag(element) === '' ? null : typeOf(element);
    if (!type || isShutOut || found.length >= MOST_CONTROLS || !isUsable(type, met)) continue;
    if (!frames.has(place.frames)) frames.set(place.frames, areFramesVisible(place.frames));
    if (!frames.get(place.frames)) continue;
    const form = formOf(element) ?? getRootNode(element);
    const name = type === 'radio' ? (attribute(element, 'name') ?? '') : '';
    const ofForm = radios.get(form) ?? new Map<string, Control>();
    const known = name === '' ? undefined : ofForm.get(name);
    if (known) {
      known.elements.push(element);
      continue;
    }
    const control: Control = { type, elements: [element], form, ...place };
    if (name !== '') radios.set(form, ofForm.set(name, control));
    found.push(control);
  }
  return found;
}

/** Whether a person still sees a control and may change it. */
export function isReachable({ type, elements, frames, covers }: Control): boolean {
  return areFramesVisible(frames) && elements.some((element) => isUsable(type, { element, covers }));
}

function isUsable(type: FieldType, { element, covers }: Pick<Met, 'element' | 'covers'>): boolean {
  if (!isOpen(element)) return false;
  return type === 'radio' || type === 'checkbox' ? isBoxVisible(element, covers) : isVisible(element, covers);
}
