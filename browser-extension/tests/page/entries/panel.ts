export { structuredData } from '../../../src/data/structured_data';
export { thingsOf } from '../../../src/data/plain_things';
export { tableByExample, tablesOf } from '../../../src/data/tables_of';
export { readable } from '../../../src/page/readable';
