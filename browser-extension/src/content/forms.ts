import { readFields } from '../forms/fields';
import { fill, undo } from '../forms/fill';
import { listen } from './listen';
import { formRequestIn, type FormReply, type FormRequest } from './messages';

async function answer(request: FormRequest): Promise<FormReply> {
  switch (request.ambit) {
    case 'fields':
      return { fields: readFields(document) };
    case 'fill':
      return { filled: await fill(request.entries) };
    case 'undo':
      return { undone: await undo() };
  }
}

listen('forms', formRequestIn, answer);
