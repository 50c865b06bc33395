export { takeSnapshot } from '../../../src/page/snapshot';
