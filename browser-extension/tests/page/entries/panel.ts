export { structuredData } from '../../../src/data/structured_data';
export { tableByExample, tablesOf } from '../../../src/data/tables_of';
export { readable } from '../../../src/page/readable';
