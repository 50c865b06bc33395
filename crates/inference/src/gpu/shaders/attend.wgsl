// What a head of a row finds in THREADS tokens: the largest score, the sum of the weights relative to it, and the weighted
// values. The tokens of a group begin at a multiple of THREADS, so that a result does not depend on how a text was cut.

struct Heads {
    heads: u32,
    shared_heads: u32,
    width: u32,
    // Tokens that a query sees, its own included.
    window: u32,
    limit: f32,
}

struct Slice {
    first: u32,
    chunks: u32,
}

@group(0) @binding(0) var<uniform> sizes: Heads;
@group(0) @binding(1) var<storage, read> queries: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> cache: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> places: array<vec2<u32>>;
@group(0) @binding(4) var<storage, read> pages: array<u32>;
@group(1) @binding(0) var<uniform> slice: Slice;

const NOTHING: f32 = -3.0e38;
// Vectors of a head's numbers as they are computed with, and as they are read. Threads that share the values of a token, of
// which so many are added up at once, each over so many tokens.
const QUADS: u32 = 2u * OCTETS;
const GROUPS: u32 = THREADS / OCTETS;
const EACH: u32 = (THREADS + GROUPS - 1u) / GROUPS;

var<workgroup> weights: array<f32, THREADS>;
var<workgroup> sums: array<vec4<f32>, 2u * THREADS>;
var<workgroup> bases: array<u32, THREADS / 32u>;

fn low(packed: vec4<u32>) -> vec4<f32> {
    return vec4<f32>(unpack2x16float(packed.x), unpack2x16float(packed.y));
}

fn high(packed: vec4<u32>) -> vec4<f32> {
    return vec4<f32>(unpack2x16float(packed.z), unpack2x16float(packed.w));
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let row = slice.first + group.z;
    let place = places[row];
    let end = place.x + 1u;
    let start = end - min(end, sizes.window);
    let chunk = group.x;
    if (chunk * THREADS >= end || (chunk + 1u) * THREADS <= start) {
        return;
    }
    let head = group.y / (sizes.heads / sizes.shared_heads);
    let half_page = sizes.shared_heads * OCTETS * 32u;
    if (local < THREADS / 32u) {
        // Pages beyond the last token are not there, and nothing of them is read.
        let page = min(chunk * (THREADS / 32u) + local, place.x / 32u);
        bases[local] = pages[place.y + page] * half_page * 2u + head * 32u * OCTETS;
    }
    workgroupBarrier();
    let token = chunk * THREADS + local;
    var score = NOTHING;
    if (token >= start && token < end) {
        let key = bases[local / 32u] + local % 32u;
        let query = (row * sizes.heads + group.y) * QUADS;
        var sum = 0.0;
        for (var i = 0u; i < OCTETS; i++) {
            let numbers = cache[key + i * 32u];
            sum += dot(queries[query + 2u * i], low(numbers)) + dot(queries[query + 2u * i + 1u], high(numbers));
        }
        if (IS_LIMITED) {
            sum = sizes.limit * tanh(sum / sizes.limit);
        }
        score = sum;
    }
    let largest = highest(local, score);
    var weight = 0.0;
    if (score > NOTHING) {
        weight = exp(score - largest);
    }
    weights[local] = weight;
    let all = add_up(local, weight);
    let octet = local % OCTETS;
    let member = local / OCTETS;
    var lower = vec4<f32>(0.0);
    var upper = vec4<f32>(0.0);
    // Tokens that are not seen have no weight; what is not there is read from the last one that is.
    let last = min(THREADS, end - chunk * THREADS) - 1u;
    if (member < GROUPS) {
        for (var turn = 0u; turn < EACH; turn++) {
            let other = min(member * EACH + turn, last);
            let weight_of_other = select(0.0, weights[other], member * EACH + turn == other);
            let numbers = cache[bases[other / 32u] + half_page + (other % 32u) * OCTETS + octet];
            lower = fma(vec4<f32>(weight_of_other), low(numbers), lower);
            upper = fma(vec4<f32>(weight_of_other), high(numbers), upper);
        }
    }
    sums[2u * local] = lower;
    sums[2u * local + 1u] = upper;
    workgroupBarrier();
    var sum = vec4<f32>(0.0);
    if (local < QUADS) {
        sum = sums[local];
        for (var other = 1u; other < GROUPS; other++) {
            sum += sums[other * QUADS + local];
        }
    }
    //RESULT
}
