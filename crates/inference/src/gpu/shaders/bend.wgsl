fn sigmoid(value: vec4<f32>) -> vec4<f32> {
    return vec4<f32>(1.0) / (vec4<f32>(1.0) + exp(-max(value, vec4<f32>(-87.0))));
}

fn bend(value: vec4<f32>) -> vec4<f32> {
    if (BEND == 1u) {
        return value * sigmoid(value);
    }
    if (BEND == 2u) {
        // 0.5 (1 + tanh u) is σ(2 u), u = √(2/π) (x + 0.044715 x³).
        return value * sigmoid(value * (value * value * 0.071354814 + vec4<f32>(1.595769)));
    }
    if (BEND == 3u) {
        return sigmoid(value);
    }
    return value;
}
