fn dots(left: vec4<u32>, right: vec4<u32>) -> i32 {
    return dot4I8Packed(left.x, right.x) + dot4I8Packed(left.y, right.y)
        + dot4I8Packed(left.z, right.z) + dot4I8Packed(left.w, right.w);
}

fn low_sum(sums: u32) -> i32 {
    return i32(sums << 16u) >> 16u;
}

fn high_sum(sums: u32) -> i32 {
    return i32(sums) >> 16u;
}
