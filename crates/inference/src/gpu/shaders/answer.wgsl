// Normalises what a head of a layer with the delta rule answers, multiplies it by its gate, and hands it on rounded, as it
// is, or both. Each group has a head of a row.

@group(0) @binding(0) var<uniform> epsilon: f32;
@group(0) @binding(1) var<storage, read> answers: array<vec4<f32>>;
// A row has the gates of all heads after what is remembered.
@group(0) @binding(2) var<storage, read> projected: array<f32>;
@group(0) @binding(3) var<storage, read> scale: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> rounded_product: array<u32>;
@group(0) @binding(5) var<storage, read_write> product_blocks: array<vec2<u32>>;
@group(0) @binding(6) var<storage, read_write> kept: array<vec4<f32>>;

const QUADS: u32 = VALUE_WIDTH / 4u;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let place = (group.y * VALUE_HEADS + group.x) * QUADS + local;
    let is_there = local < QUADS;
    var value = vec4<f32>(0.0);
    if (is_there) {
        value = answers[place];
    }
    let factor = 1.0 / sqrt(add_up(local, dot(value, value)) / f32(VALUE_WIDTH) + epsilon);
    if (is_there) {
        let gate = group.y * STRIDE + GATES + group.x * VALUE_WIDTH + 4u * local;
        let gates = vec4<f32>(projected[gate], projected[gate + 1u], projected[gate + 2u], projected[gate + 3u]);
        value = value * factor * scale[local] * bend(gates);
        if (KEEPS) {
            kept[place] = value;
        }
    }
    if (ROUNDS) {
        store_rounded(local, value, place, is_there);
    }
}
