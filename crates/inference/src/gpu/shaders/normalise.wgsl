// Adds what was projected to a row, multiplies it by a factor, and hands it on, normalised or not: rounded, as it is, or both.

struct Norm {
    // Values of a row, by four.
    count: u32,
    width: f32,
    epsilon: f32,
    // What the rows are multiplied by once something was added.
    factor: f32,
}

struct Slice {
    first: u32,
    chunks: u32,
}

@group(0) @binding(0) var<uniform> norm: Norm;
@group(0) @binding(1) var<storage, read_write> rows: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> projected: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> scale: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> shift: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> scale_of_projected: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> rounded_product: array<u32>;
@group(0) @binding(7) var<storage, read_write> product_blocks: array<vec2<u32>>;
@group(0) @binding(8) var<storage, read_write> kept: array<vec4<f32>>;
@group(0) @binding(9) var<storage, read> asked: array<u32>;
@group(1) @binding(0) var<uniform> slice: Slice;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let to = group.x * norm.count;
    var base = slice.first + group.x;
    if (IS_ASKED) {
        base = asked[base];
    }
    base *= norm.count;
    // Each thread keeps its part of the row, every THREADSth vector.
    var values: array<vec4<f32>, TURNS>;
    if (ADDS) {
        var factor = 1.0;
        var squares = 0.0;
        for (var turn = 0u; turn < TURNS; turn++) {
            let i = turn * THREADS + local;
            if (i < norm.count) {
                values[turn] = projected[base + i];
                squares += dot(values[turn], values[turn]);
            }
        }
        if (NORMS_PROJECTED) {
            factor = 1.0 / sqrt(add_up(local, squares) / norm.width + norm.epsilon);
        }
        for (var turn = 0u; turn < TURNS; turn++) {
            let i = turn * THREADS + local;
            if (i < norm.count) {
                if (NORMS_PROJECTED) {
                    values[turn] *= factor * scale_of_projected[i];
                }
                values[turn] += rows[base + i];
                if (SCALES) {
                    values[turn] *= norm.factor;
                }
                rows[base + i] = values[turn];
            }
        }
    } else {
        for (var turn = 0u; turn < TURNS; turn++) {
            let i = turn * THREADS + local;
            if (i < norm.count) {
                values[turn] = rows[base + i];
            }
        }
    }
    if (IS_LAYER) {
        var sum = 0.0;
        for (var turn = 0u; turn < TURNS; turn++) {
            sum += dot(values[turn], vec4<f32>(1.0));
        }
        let mean = add_up(local, sum) / norm.width;
        for (var turn = 0u; turn < TURNS; turn++) {
            if (turn * THREADS + local < norm.count) {
                values[turn] -= vec4<f32>(mean);
            }
        }
    }
    var factor = 1.0;
    if (NORMS) {
        var squares = 0.0;
        for (var turn = 0u; turn < TURNS; turn++) {
            squares += dot(values[turn], values[turn]);
        }
        factor = 1.0 / sqrt(add_up(local, squares) / norm.width + norm.epsilon);
    }
    for (var turn = 0u; turn < TURNS; turn++) {
        let i = turn * THREADS + local;
        var value = vec4<f32>(0.0);
        if (i < norm.count) {
            value = values[turn];
            if (NORMS) {
                value *= factor * scale[i];
            }
            if (IS_LAYER) {
                value += shift[i];
            }
            if (KEEPS) {
                kept[to + i] = value;
            }
        }
        if (ROUNDS) {
            store_rounded(local, value, to + i, i < norm.count);
        }
    }
}
