
var<workgroup> tree: array<f32, THREADS>;

fn add_up(local: u32, part: f32) -> f32 {
    tree[local] = part;
    workgroupBarrier();
    for (var step = THREADS / 2u; step > 0u; step /= 2u) {
        if (local < step) {
            tree[local] += tree[local + step];
        }
        workgroupBarrier();
    }
    let sum = tree[0];
    workgroupBarrier();
    return sum;
}

fn highest(local: u32, part: f32) -> f32 {
    tree[local] = part;
    workgroupBarrier();
    for (var step = THREADS / 2u; step > 0u; step /= 2u) {
        if (local < step) {
            tree[local] = max(tree[local], tree[local + step]);
        }
        workgroupBarrier();
    }
    let largest = tree[0];
    workgroupBarrier();
    return largest;
}
