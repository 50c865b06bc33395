// There is one matrix, and each tile has the next rows.

fn is_empty(tile: u32) -> bool {
    return false;
}

fn matrix_of(tile: u32) -> u32 {
    return 0u;
}

fn row_from(tile: u32, row: u32) -> u32 {
    return tile * (ROWS / TIMES) + row;
}

fn row_to(tile: u32, row: u32) -> u32 {
    return tile * (ROWS / TIMES) + row;
}
