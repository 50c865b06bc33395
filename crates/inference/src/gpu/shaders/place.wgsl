// Turns queries and keys by their positions, after normalising each head where the model wants that, and puts keys and
// values into the cache as numbers of 16 bits. Each group has a head of a row: queries first, then keys, then values. In a
// page, keys stand by eight numbers and then by token, so that threads with a token each read side by side; values by token.

struct Heads {
    heads: u32,
    shared_heads: u32,
    width: u32,
    pairs: u32,
    scale: f32,
    epsilon: f32,
    // Values of a row as it was projected.
    row: u32,
}

@group(0) @binding(0) var<uniform> sizes: Heads;
// A row has all heads in this order, each query with its gate where there is one.
@group(0) @binding(1) var<storage, read> projected: array<f32>;
@group(0) @binding(2) var<storage, read_write> queries: array<f32>;
@group(0) @binding(3) var<storage, read_write> cache: array<u32>;
@group(0) @binding(4) var<storage, read> places: array<vec2<u32>>;
@group(0) @binding(5) var<storage, read> pages: array<u32>;
@group(0) @binding(6) var<storage, read> turns: array<f32>;
@group(0) @binding(7) var<storage, read> query_scale: array<f32>;
@group(0) @binding(8) var<storage, read> key_scale: array<f32>;

var<workgroup> head_values: array<f32, 512>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let row = group.y;
    let width = sizes.width;
    let is_query = group.x < sizes.heads;
    let is_value = group.x >= sizes.heads + sizes.shared_heads;
    var head = group.x;
    if (is_value) {
        head -= sizes.heads + sizes.shared_heads;
    } else if (!is_query) {
        head -= sizes.heads;
    }
    let after_queries = select(sizes.heads, 2u * sizes.heads, IS_GATED);
    var part = group.x;
    if (is_query) {
        part = select(head, 2u * head, IS_GATED);
    } else if (is_value && VALUES_ARE_KEYS) {
        part = after_queries + head;
    } else {
        part = after_queries + group.x - sizes.heads;
    }
    var squares = 0.0;
    for (var i = local; i < width; i += THREADS) {
        let value = projected[row * sizes.row + part * width + i];
        head_values[i] = value;
        squares = fma(value, value, squares);
    }
    if (IS_HEAD_NORMED || IS_VALUE_NORMED) {
        let factor = 1.0 / sqrt(add_up(local, squares) / f32(width) + sizes.epsilon);
        if (is_value && IS_VALUE_NORMED) {
            for (var i = local; i < width; i += THREADS) {
                head_values[i] *= factor;
            }
        }
        if (!is_value && IS_HEAD_NORMED) {
            for (var i = local; i < width; i += THREADS) {
                var scale = factor;
                if (is_query) {
                    scale *= query_scale[i];
                } else {
                    scale *= key_scale[i];
                }
                head_values[i] *= scale;
            }
        }
    }
    workgroupBarrier();
    if (!is_value) {
        for (var pair = local; pair < sizes.pairs; pair += THREADS) {
            let cosine = turns[row * 2u * sizes.pairs + pair];
            let sine = turns[(row * 2u + 1u) * sizes.pairs + pair];
            var left = pair;
            var right = pair + sizes.pairs;
            if (IS_NEIGHBOURED) {
                left = 2u * pair;
                right = left + 1u;
            }
            let first = head_values[left];
            let second = head_values[right];
            head_values[left] = first * cosine - second * sine;
            head_values[right] = second * cosine + first * sine;
        }
    }
    workgroupBarrier();
    if (is_query) {
        for (var i = local; i < width; i += THREADS) {
            queries[(row * sizes.heads + head) * width + i] = head_values[i] * sizes.scale;
        }
    } else {
        let place = places[row];
        let half_page = sizes.shared_heads * width * 16u;
        let token = place.x % 32u;
        let to = pages[place.y + place.x / 32u] * half_page * 2u + head * width * 16u;
        for (var i = local; i < width / 2u; i += THREADS) {
            let both = pack2x16float(vec2<f32>(head_values[2u * i], head_values[2u * i + 1u]));
            if (is_value) {
                cache[to + half_page + token * width / 2u + i] = both;
            } else {
                cache[to + (i / 4u * 32u + token) * 4u + i % 4u] = both;
            }
        }
    }
}
