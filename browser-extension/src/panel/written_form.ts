import { save } from '../../../ui/src/components/save';
import type { Table } from '../data/table';
import { toCsv, toJson, toMarkdown } from '../data/written';
import { fileName } from './page_file';

/** What data are written as; also the ending of their files. */
export type Form = 'csv' | 'json' | 'md';

/** The forms with what people call them. */
export const FORMS: readonly (readonly [form: Form, name: string])[] = [
  ['csv', 'CSV'],
  ['json', 'JSON'],
  ['md', 'Markdown'],
];

const WRITTEN: Record<Form, [write: (table: Table) => string, type: string]> = {
  csv: [toCsv, 'text/csv'],
  json: [toJson, 'application/json'],
  md: [toMarkdown, 'text/markdown'],
};

/** A table in a form. */
export function written(table: Table, form: Form): string {
  return WRITTEN[form][0](table);
}

/** Gives the person a file of this name with data in a form. */
export function saveAs(name: string, text: string, form: Form): void {
  save(`${fileName(name)}.${form}`, text, WRITTEN[form][1]);
}
