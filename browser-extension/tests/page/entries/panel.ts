export { readable } from '../../../src/page/readable';
