import { highlight, type Highlighted } from '../page/highlight';
import { locate } from '../page/locate';
import { selectedElement } from '../page/selected';
import { takeSnapshot } from '../page/snapshot';
import { listen } from './listen';
import { pageRequestIn, type PageReply, type PageRequest } from './messages';

/** The passage that is marked in the page. */
let marked: Highlighted | null = null;

function clear(): void {
  marked?.clear();
  marked = null;
}

async function answer(request: PageRequest): Promise<PageReply> {
  switch (request.ambit) {
    case 'read': {
      const chosen = request.isExample ? selectedElement(document) : null;
      return { snapshot: JSON.stringify(await takeSnapshot(document, chosen ? { chosen } : {})) };
    }
    case 'show': {
      const range = locate(document, request.passage);
      clear();
      if (range) marked = highlight(range);
      return { shown: range !== null };
    }
    case 'clear':
      clear();
      return { cleared: true };
  }
}

listen('page', pageRequestIn, answer);
