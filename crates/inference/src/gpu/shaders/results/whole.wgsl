// The only group of tokens. Gives what `combine` makes of one.
@group(0) @binding(5) var<storage, read_write> rounded_product: array<u32>;
@group(0) @binding(6) var<storage, read_write> product_blocks: array<vec2<u32>>;
@group(0) @binding(7) var<storage, read_write> kept: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read> projected: array<vec4<f32>>;
//RESULT
    var result = sum / all;
    if (IS_GATED && local < QUADS) {
        // Each head's query, then its gate.
        let gate = projected[row * ROW + (2u * group.y + 1u) * QUADS + local];
        result = result / (vec4<f32>(1.0) + exp(-max(gate, vec4<f32>(-87.0))));
    }
    let to = (row * sizes.heads + group.y) * QUADS + local;
    if (KEEPS && local < QUADS) {
        kept[to] = result;
    }
    if (ROUNDS) {
        store_rounded(local, select(vec4<f32>(0.0), result, local < QUADS), to, local < QUADS);
    }
