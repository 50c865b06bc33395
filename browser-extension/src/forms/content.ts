export { readFields } from './fields';
export { fill, undo } from './fill';
