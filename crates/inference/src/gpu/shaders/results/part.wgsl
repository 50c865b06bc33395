// One of several groups of tokens: `combine` puts them together.
@group(0) @binding(5) var<storage, read_write> found: array<vec4<f32>>;
//RESULT
    if (local < QUADS) {
        let to = ((group.z * sizes.heads + group.y) * slice.chunks + chunk) * (QUADS + 1u);
        found[to + 1u + local] = sum;
        if (local == 0u) {
            found[to] = vec4<f32>(largest, all, 0.0, 0.0);
        }
    }
