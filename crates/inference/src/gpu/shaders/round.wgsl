// Rounds blocks of 32 values to multiples of a 127th of their largest, as the CPU does. Eight threads have a block, four
// values each; the whole numbers are packed by four, and beside each block stand its unit and the sums of its two halves.
// Where LEFT is not zero, what that leaves is rounded too, and stands so many blocks after it.

var<workgroup> largest_of: array<f32, THREADS>;
var<workgroup> sums_of: array<i32, THREADS>;

fn store_rounded(local: u32, values: vec4<f32>, place: u32, is_there: bool) {
    let left = store_once(local, values, place, is_there);
    if (LEFT > 0u) {
        store_once(local, left, place + LEFT * 8u, is_there);
    }
}

fn store_once(local: u32, values: vec4<f32>, place: u32, is_there: bool) -> vec4<f32> {
    let sizes = abs(values);
    largest_of[local] = max(max(sizes.x, sizes.y), max(sizes.z, sizes.w));
    workgroupBarrier();
    let first = local / 8u * 8u;
    var largest = largest_of[first];
    for (var other = 1u; other < 8u; other++) {
        largest = max(largest, largest_of[first + other]);
    }
    var factor = 0.0;
    if (largest > 0.0) {
        factor = 127.0 / largest;
    }
    let whole = vec4<i32>(round(values * factor));
    sums_of[local] = whole.x + whole.y + whole.z + whole.w;
    workgroupBarrier();
    if (is_there) {
        rounded_product[place] = pack4xI8(whole);
        if (local % 8u == 0u) {
            let low = sums_of[local] + sums_of[local + 1u] + sums_of[local + 2u] + sums_of[local + 3u];
            let high = sums_of[local + 4u] + sums_of[local + 5u] + sums_of[local + 6u] + sums_of[local + 7u];
            let sums = (u32(low) & 0xffffu) | (u32(high) << 16u);
            product_blocks[place / 8u] = vec2<u32>(bitcast<u32>(largest / 127.0), sums);
        }
    }
    return values - vec4<f32>(whole) * (largest / 127.0);
}
