// What a layer with the delta rule does to a row before it remembers it: each number is replaced by the weighted sum of what
// stood there in the last tokens, and bent; queries and keys are made as long as they have to be. The last row of a text keeps
// the tokens that the next pass has to see. Each group has a head of a row: queries first, then keys, then values.

struct Scales {
    // Of queries and keys.
    query: f32,
    key: f32,
    epsilon: f32,
}

struct Segment {
    first: u32,
    count: u32,
    // Where its state is before the pass, if it has one, and after it.
    before: u32,
    after: u32,
}

@group(0) @binding(0) var<uniform> scales: Scales;
// A row has queries, keys and values, and at its end the rates and decays of all heads.
@group(0) @binding(1) var<storage, read> projected: array<f32>;
@group(0) @binding(2) var<storage, read_write> states: array<f32>;
@group(0) @binding(3) var<storage, read> segments: array<Segment>;
@group(0) @binding(4) var<storage, read> members: array<u32>;
@group(0) @binding(5) var<storage, read> weights: array<f32>;
// What is added to the decay of each head, and how fast it forgets.
@group(0) @binding(6) var<storage, read> heads: array<vec2<f32>>;
@group(0) @binding(7) var<storage, read_write> remembered: array<f32>;
// What is left of a head's matrix at each row, and how much of the value is written.
@group(0) @binding(8) var<storage, read_write> rates: array<vec2<f32>>;

const MIXED: u32 = 2u * KEY_HEADS * KEY_WIDTH + VALUE_HEADS * VALUE_WIDTH;
const TAIL: u32 = (KERNEL - 1u) * MIXED;

var<workgroup> bent: array<f32, max(KEY_WIDTH, VALUE_WIDTH)>;

// A number of a token that the convolution sees, by its place from the first that the first row sees.
fn seen(segment: Segment, token: u32, number: u32) -> f32 {
    if (token >= KERNEL - 1u) {
        return projected[(segment.first + token - (KERNEL - 1u)) * STRIDE + number];
    }
    if (segment.before == NOWHERE) {
        return 0.0;
    }
    return states[segment.before * STATE + token * MIXED + number];
}

fn sigmoid_of(value: f32) -> f32 {
    return 1.0 / (1.0 + exp(-max(value, -87.0)));
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let row = group.y;
    let segment = segments[members[row]];
    let token = row - segment.first;
    let is_value = group.x >= 2u * KEY_HEADS;
    var width = KEY_WIDTH;
    var start = group.x * KEY_WIDTH;
    if (is_value) {
        width = VALUE_WIDTH;
        start = 2u * KEY_HEADS * KEY_WIDTH + (group.x - 2u * KEY_HEADS) * VALUE_WIDTH;
    }
    var squares = 0.0;
    for (var i = local; i < width; i += THREADS) {
        let number = start + i;
        var sum = 0.0;
        for (var tap = 0u; tap < KERNEL; tap++) {
            sum = fma(weights[tap * MIXED + number], seen(segment, token + tap, number), sum);
        }
        let value = sum * sigmoid_of(sum);
        bent[i] = value;
        squares = fma(value, value, squares);
        if (token + 1u == segment.count) {
            for (var tap = 0u; tap + 1u < KERNEL; tap++) {
                states[segment.after * STATE + tap * MIXED + number] = seen(segment, segment.count + tap, number);
            }
        }
    }
    let all = add_up(local, squares);
    var factor = 1.0;
    if (!is_value) {
        factor = select(scales.key, scales.query, group.x < KEY_HEADS) / sqrt(all / f32(KEY_WIDTH) + scales.epsilon);
    }
    for (var i = local; i < width; i += THREADS) {
        remembered[row * MIXED + start + i] = bent[i] * factor;
    }
    if (is_value && local == 0u) {
        let head = group.x - 2u * KEY_HEADS;
        let rate = projected[(row + 1u) * STRIDE - 2u * VALUE_HEADS + head];
        let decay = projected[(row + 1u) * STRIDE - VALUE_HEADS + head] + heads[head].x;
        // ln(1 + e^x), or x from where the difference is lost.
        let kept = select(log(1.0 + exp(decay)), decay, decay > 20.0);
        rates[row * VALUE_HEADS + head] = vec2<f32>(exp(heads[head].y * kept), sigmoid_of(rate));
    }
}
