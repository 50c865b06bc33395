// Makes tiles of choices of the same expert, at most TILE in each. In which order a tile has them does not matter, as each
// is computed for itself. One group of threads does it all.

@group(0) @binding(0) var<storage, read> rows: array<u32>;
@group(0) @binding(1) var<storage, read> chosen: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read_write> tiles: array<u32>;

var<workgroup> counts: array<atomic<u32>, COUNT>;
var<workgroup> firsts: array<u32, COUNT>;
var<workgroup> first_tiles: array<u32, COUNT>;
var<workgroup> used: u32;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) local: u32) {
    let choices = rows[0] * CHOSEN;
    for (var expert = local; expert < COUNT; expert += THREADS) {
        atomicStore(&counts[expert], 0u);
    }
    workgroupBarrier();
    for (var choice = local; choice < choices; choice += THREADS) {
        atomicAdd(&counts[chosen[choice].x], 1u);
    }
    workgroupBarrier();
    if (local == 0u) {
        var first = 0u;
        var tile = 0u;
        for (var expert = 0u; expert < COUNT; expert++) {
            let count = atomicLoad(&counts[expert]);
            firsts[expert] = first;
            first_tiles[expert] = tile;
            first += count;
            tile += (count + TILE - 1u) / TILE;
        }
        used = tile;
    }
    workgroupBarrier();
    for (var expert = local; expert < COUNT; expert += THREADS) {
        let count = atomicLoad(&counts[expert]);
        for (var part = 0u; part < (count + TILE - 1u) / TILE; part++) {
            let place = TILES + 3u * (first_tiles[expert] + part);
            tiles[place] = expert;
            tiles[place + 1u] = firsts[expert] + part * TILE;
            tiles[place + 2u] = min(TILE, count - part * TILE);
        }
    }
    for (var tile = used + local; tile < choices; tile += THREADS) {
        tiles[TILES + 3u * tile + 2u] = 0u;
    }
    workgroupBarrier();
    for (var expert = local; expert < COUNT; expert += THREADS) {
        atomicStore(&counts[expert], firsts[expert]);
    }
    workgroupBarrier();
    for (var choice = local; choice < choices; choice += THREADS) {
        tiles[atomicAdd(&counts[chosen[choice].x], 1u)] = choice;
    }
}
