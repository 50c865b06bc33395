// What a row has of the second embedding for a layer: half from the embedding itself, half projected from the row and
// normalised. Each group has a layer of a row.

struct Sizes {
    layers: u32,
    // Values for a layer, by four.
    count: u32,
    width: f32,
    epsilon: f32,
    // What the projected values and the embedded ones are multiplied by first, and both at last.
    projected: f32,
    embedded: f32,
    both: f32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> projected: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> scale: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> parts: array<vec4<f32>>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let base = (group.y * sizes.layers + group.x) * sizes.count;
    var squares = 0.0;
    for (var i = local; i < sizes.count; i += THREADS) {
        let value = projected[base + i] * sizes.projected;
        squares += dot(value, value);
    }
    let factor = 1.0 / sqrt(add_up(local, squares) / sizes.width + sizes.epsilon);
    for (var i = local; i < sizes.count; i += THREADS) {
        let value = projected[base + i] * sizes.projected * factor * scale[i];
        parts[base + i] = (value + parts[base + i] * sizes.embedded) * sizes.both;
    }
}
