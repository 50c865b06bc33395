// Each tile has some choices of the same matrix, and works on the last of them again where it has fewer than there is
// room for.
@group(0) @binding(10) var<storage, read> tiles: array<u32>;

fn is_empty(tile: u32) -> bool {
    return tiles[TILES + 3u * tile + 2u] == 0u;
}

fn matrix_of(tile: u32) -> u32 {
    return tiles[TILES + 3u * tile];
}

fn row_to(tile: u32, row: u32) -> u32 {
    let place = TILES + 3u * tile;
    return tiles[tiles[place + 1u] + min(row, tiles[place + 2u] - 1u)];
}

fn row_from(tile: u32, row: u32) -> u32 {
    return row_to(tile, row) / SHARING;
}
