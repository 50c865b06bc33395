export { highlight, HIGHLIGHT } from '../../../src/page/highlight';
export { locate } from '../../../src/page/locate';
export { takeSnapshot } from '../../../src/page/snapshot';
