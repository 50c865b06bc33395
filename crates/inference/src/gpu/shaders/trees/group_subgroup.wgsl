
var<workgroup> tree: array<f32, THREADS / 32u>;

fn add_up(local: u32, part: f32) -> f32 {
    var sum = part;
    for (var step = 16u; step > 0u; step /= 2u) {
        sum += subgroupShuffleXor(sum, step);
    }
    if (local % 32u == 0u) {
        tree[local / 32u] = sum;
    }
    workgroupBarrier();
    sum = tree[0];
    for (var other = 1u; other < THREADS / 32u; other++) {
        sum += tree[other];
    }
    workgroupBarrier();
    return sum;
}

fn highest(local: u32, part: f32) -> f32 {
    var largest = part;
    for (var step = 16u; step > 0u; step /= 2u) {
        largest = max(largest, subgroupShuffleXor(largest, step));
    }
    if (local % 32u == 0u) {
        tree[local / 32u] = largest;
    }
    workgroupBarrier();
    largest = tree[0];
    for (var other = 1u; other < THREADS / 32u; other++) {
        largest = max(largest, tree[other]);
    }
    workgroupBarrier();
    return largest;
}
