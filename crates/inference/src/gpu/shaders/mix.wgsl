// Adds up what a row's experts say, each by its share, in their order; and what the network beside them says.

struct Row {
    // Values of a row, by four.
    count: u32,
    width: f32,
    epsilon: f32,
}

@group(0) @binding(0) var<uniform> sizes: Row;
@group(0) @binding(1) var<storage, read> said: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> chosen: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read_write> mixed: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> beside: array<vec4<f32>>;
// Where the router's scores are followed by the share of the network beside the experts.
@group(0) @binding(5) var<storage, read> scores: array<f32>;
@group(0) @binding(6) var<storage, read> scale: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read> scale_beside: array<vec4<f32>>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let row = group.y;
    let base = row * sizes.count;
    var share_beside = 0.0;
    if (JOINS == 1u) {
        share_beside = 1.0 / (1.0 + exp(-max(scores[row * STRIDE + STRIDE - 1u], -87.0)));
    }
    // Each thread keeps its part of the row, every THREADSth vector.
    var values: array<vec4<f32>, TURNS>;
    var squares = 0.0;
    var squares_beside = 0.0;
    for (var turn = 0u; turn < TURNS; turn++) {
        let i = turn * THREADS + local;
        if (i < sizes.count) {
            var value = vec4<f32>(0.0);
            for (var place = 0u; place < CHOSEN; place++) {
                let choice = row * CHOSEN + place;
                value = fma(vec4<f32>(bitcast<f32>(chosen[choice].y)), said[choice * sizes.count + i], value);
            }
            if (JOINS == 1u) {
                value = fma(vec4<f32>(share_beside), beside[base + i], value);
            }
            if (JOINS == 2u) {
                squares += dot(value, value);
                squares_beside += dot(beside[base + i], beside[base + i]);
            }
            values[turn] = value;
        }
    }
    var factor = 1.0;
    var factor_beside = 1.0;
    if (JOINS == 2u) {
        factor = 1.0 / sqrt(add_up(local, squares) / sizes.width + sizes.epsilon);
        factor_beside = 1.0 / sqrt(add_up(local, squares_beside) / sizes.width + sizes.epsilon);
    }
    for (var turn = 0u; turn < TURNS; turn++) {
        let i = turn * THREADS + local;
        if (i < sizes.count) {
            var value = values[turn];
            if (JOINS == 2u) {
                value = value * factor * scale[i] + beside[base + i] * factor_beside * scale_beside[i];
            }
            mixed[base + i] = value;
        }
    }
}
