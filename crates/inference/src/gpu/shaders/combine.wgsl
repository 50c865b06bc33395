// Puts together what a head of a row found in all groups of tokens, and hands it on rounded, as it is, or both.

struct Heads {
    heads: u32,
    shared_heads: u32,
    width: u32,
    window: u32,
    limit: f32,
}

struct Slice {
    first: u32,
    chunks: u32,
}

@group(0) @binding(0) var<uniform> sizes: Heads;
@group(0) @binding(1) var<storage, read> found: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> places: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read_write> rounded_product: array<u32>;
@group(0) @binding(4) var<storage, read_write> product_blocks: array<vec2<u32>>;
@group(0) @binding(5) var<storage, read_write> kept: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> projected: array<vec4<f32>>;
@group(1) @binding(0) var<uniform> slice: Slice;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let row = slice.first + group.y;
    let end = places[row].x + 1u;
    let start = end - min(end, sizes.window);
    let quads = sizes.width / 4u;
    let base = (group.y * sizes.heads + group.x) * slice.chunks;
    let turns = (quads + THREADS - 1u) / THREADS;
    for (var turn = 0u; turn < turns; turn++) {
        let i = turn * THREADS + local;
        var result = vec4<f32>(0.0);
        if (i < quads) {
            var largest = -3.0e38;
            var sum = 0.0;
            for (var chunk = start / CHUNK; chunk <= (end - 1u) / CHUNK; chunk++) {
                let place = (base + chunk) * (quads + 1u);
                let head = found[place];
                let next = max(largest, head.x);
                let old_share = exp(largest - next);
                let new_share = exp(head.x - next);
                result = result * old_share + found[place + 1u + i] * new_share;
                sum = sum * old_share + head.y * new_share;
                largest = next;
            }
            result = result / sum;
            if (IS_GATED) {
                let gate = projected[row * ROW + (2u * group.x + 1u) * quads + i];
                result = result / (vec4<f32>(1.0) + exp(-max(gate, vec4<f32>(-87.0))));
            }
        }
        let place = (row * sizes.heads + group.x) * quads + i;
        if (KEEPS && i < quads) {
            kept[place] = result;
        }
        if (ROUNDS) {
            store_rounded(local, result, place, i < quads);
        }
    }
}
