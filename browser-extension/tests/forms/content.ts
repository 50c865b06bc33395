export { fill, undo } from '../../src/forms/fill';
export { readFields } from '../../src/forms/fields';
export { kindsOf } from '../../src/forms/kinds';
export { propose } from '../../src/forms/propose';
