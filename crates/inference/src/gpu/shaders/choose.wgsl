// Chooses experts for a row: those with the largest shares, of equal ones the first, in their order. A share is the softmax
// of the scores, over all or over those that are chosen. Each choice is a tile of its own, until `sort` makes larger ones.

@group(0) @binding(0) var<storage, read> scores: array<f32>;
// The expert of each choice, and its share.
@group(0) @binding(1) var<storage, read_write> chosen: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read_write> tiles: array<u32>;
@group(0) @binding(3) var<storage, read> factors: array<f32>;

var<workgroup> shares: array<f32, COUNT>;
var<workgroup> is_chosen: array<u32, COUNT>;
var<workgroup> picked: array<f32, CHOSEN>;
var<workgroup> numbers: array<u32, CHOSEN>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let row = group.y;
    var part = -3.0e38;
    for (var expert = local; expert < COUNT; expert += THREADS) {
        part = max(part, scores[row * STRIDE + expert]);
    }
    let largest = highest(local, part);
    part = 0.0;
    for (var expert = local; expert < COUNT; expert += THREADS) {
        let share = exp(scores[row * STRIDE + expert] - largest);
        shares[expert] = share;
        part += share;
    }
    let all = add_up(local, part);
    for (var expert = local; expert < COUNT; expert += THREADS) {
        let share = shares[expert];
        var better = 0u;
        for (var other = 0u; other < COUNT; other++) {
            if (shares[other] > share || (shares[other] == share && other < expert)) {
                better++;
            }
        }
        is_chosen[expert] = select(0u, 1u, better < CHOSEN);
    }
    workgroupBarrier();
    for (var expert = local; expert < COUNT; expert += THREADS) {
        var place = 0u;
        for (var other = 0u; other < expert; other++) {
            place += is_chosen[other];
        }
        // There are more where scores are no numbers.
        if (is_chosen[expert] == 1u && place < CHOSEN) {
            picked[place] = shares[expert];
            numbers[place] = expert;
        }
    }
    workgroupBarrier();
    var whole = all;
    if (IS_NORMALISED) {
        whole = 0.0;
        for (var place = 0u; place < CHOSEN; place++) {
            whole += picked[place];
        }
    }
    for (var place = local; place < CHOSEN; place += THREADS) {
        let choice = row * CHOSEN + place;
        let expert = numbers[place];
        var share = picked[place] / whole;
        if (HAS_FACTORS) {
            share *= factors[expert];
        }
        chosen[choice] = vec2<u32>(expert, bitcast<u32>(share));
        tiles[choice] = choice;
        tiles[TILES + 3u * choice] = expert;
        tiles[TILES + 3u * choice + 1u] = choice;
        tiles[TILES + 3u * choice + 2u] = 1u;
    }
}
