// Reads the rows of a text by the gated delta rule, one after the other: the matrix of a head fades, what it says of the row's
// key is moved towards the row's value, and the query is asked of it. A thread has a column of the matrix, which needs no other,
// and adds it up in order: so the bits depend on the text only, wherever it is cut.

struct Segment {
    first: u32,
    count: u32,
    // Where its state is before the pass, if it has one, and after it.
    before: u32,
    after: u32,
}

@group(0) @binding(0) var<storage, read> segments: array<Segment>;
// Queries, keys and values of each row.
@group(0) @binding(1) var<storage, read> remembered: array<f32>;
@group(0) @binding(2) var<storage, read> rates: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read_write> states: array<f32>;
@group(0) @binding(4) var<storage, read_write> answers: array<f32>;

const KEYS: u32 = KEY_HEADS * KEY_WIDTH;
const MIXED: u32 = 2u * KEYS + VALUE_HEADS * VALUE_WIDTH;
const TAIL: u32 = (KERNEL - 1u) * MIXED;

var<workgroup> query: array<f32, KEY_WIDTH>;
var<workgroup> key: array<f32, KEY_WIDTH>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let segment = segments[group.z];
    let head = group.y;
    var key_head = head / (VALUE_HEADS / KEY_HEADS);
    if (IS_IN_TURNS) {
        key_head = head % KEY_HEADS;
    }
    let column = group.x * THREADS + local;
    let is_there = column < VALUE_WIDTH;
    let place = TAIL + head * KEY_WIDTH * VALUE_WIDTH + column;
    var matrix: array<f32, KEY_WIDTH>;
    for (var i = 0u; i < KEY_WIDTH; i++) {
        var number = 0.0;
        if (is_there && segment.before != NOWHERE) {
            number = states[segment.before * STATE + place + i * VALUE_WIDTH];
        }
        matrix[i] = number;
    }
    for (var token = 0u; token < segment.count; token++) {
        let row = segment.first + token;
        workgroupBarrier();
        for (var i = local; i < KEY_WIDTH; i += THREADS) {
            query[i] = remembered[row * MIXED + key_head * KEY_WIDTH + i];
            key[i] = remembered[row * MIXED + KEYS + key_head * KEY_WIDTH + i];
        }
        workgroupBarrier();
        if (is_there) {
            let rate = rates[row * VALUE_HEADS + head];
            var said = 0.0;
            for (var i = 0u; i < KEY_WIDTH; i++) {
                said = fma(matrix[i], key[i], said);
            }
            let value = remembered[row * MIXED + 2u * KEYS + head * VALUE_WIDTH + column];
            let moved = fma(-said, rate.x, value) * rate.y;
            var answer = 0.0;
            for (var i = 0u; i < KEY_WIDTH; i++) {
                let number = fma(moved, key[i], matrix[i] * rate.x);
                matrix[i] = number;
                answer = fma(number, query[i], answer);
            }
            answers[(row * VALUE_HEADS + head) * VALUE_WIDTH + column] = answer;
        }
    }
    for (var i = 0u; i < KEY_WIDTH; i++) {
        if (is_there) {
            states[segment.after * STATE + place + i * VALUE_WIDTH] = matrix[i];
        }
    }
}
