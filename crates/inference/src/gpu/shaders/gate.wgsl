// Bends values and multiplies them with others, and hands the result on rounded, as it is, or both.

struct Sizes {
    // Values of a row, by four.
    count: u32,
    // Where the others of the first row begin, and those of each next one, by four.
    first: u32,
    stride: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> gates: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> others: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> rounded_product: array<u32>;
@group(0) @binding(4) var<storage, read_write> product_blocks: array<vec2<u32>>;
@group(0) @binding(5) var<storage, read_write> kept: array<vec4<f32>>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = group.x * THREADS + local;
    let place = group.y * sizes.count + i;
    var value = vec4<f32>(0.0);
    if (i < sizes.count) {
        value = bend(gates[place]);
        if (IS_GATED) {
            value *= others[sizes.first + group.y * sizes.stride + i];
        }
        if (KEEPS) {
            kept[place] = value;
        }
    }
    if (ROUNDS) {
        store_rounded(local, value, place, i < sizes.count);
    }
}
