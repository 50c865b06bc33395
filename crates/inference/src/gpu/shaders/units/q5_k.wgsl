// 64 numbers of 5 bits in two blocks, the lower four of the first in the lower halves of the bytes.
// The fifth bits of a block stand in a word: bit `word` of byte `i` is that of number `4 word + i`. A block has a scale and a minimum of one
// byte each, and 256 numbers have a scale of the scales and one of the minima.
@group(0) @binding(2) var<storage, read> scales: array<u32>;
@group(0) @binding(3) var<storage, read> steps: array<u32>;
@group(0) @binding(4) var<storage, read> high: array<vec2<u32>>;
@group(0) @binding(6) var<storage, read> rounded: array<vec4<u32>>;
@group(0) @binding(7) var<storage, read> blocks: array<vec2<u32>>;

fn upper_bits(word: u32, places: vec4<u32>, each: u32) -> vec4<u32> {
    return ((vec4<u32>(word) >> places) & vec4<u32>(each)) << vec4<u32>(4u);
}
//UNIT
let first_half{o} = values[2u * index{o}];
let second_half{o} = values[2u * index{o} + 1u];
let fifth{o} = high[index{o}];
let a{o} = (first_half{o} & vec4<u32>(0x0f0f0f0fu)) | upper_bits(fifth{o}.x, vec4<u32>(0u, 1u, 2u, 3u), 0x01010101u);
let b{o} = (second_half{o} & vec4<u32>(0x0f0f0f0fu)) | upper_bits(fifth{o}.x, vec4<u32>(4u, 5u, 6u, 7u), 0x01010101u);
let c{o} = ((first_half{o} >> vec4<u32>(4u)) & vec4<u32>(0x0f0f0f0fu)) | upper_bits(fifth{o}.y, vec4<u32>(0u, 1u, 2u, 3u), 0x01010101u);
let d{o} = ((second_half{o} >> vec4<u32>(4u)) & vec4<u32>(0x0f0f0f0fu)) | upper_bits(fifth{o}.y, vec4<u32>(4u, 5u, 6u, 7u), 0x01010101u);
let both{o} = unpack2x16float(scales[index{o} / 4u]);
let steps{o} = vec4<f32>(unpack4xU8(steps[index{o}])) * vec4<f32>(both{o}, both{o});
let p{r} = blocks[2u * row{r}];
let q{r} = blocks[2u * row{r} + 1u];
let p_sum{r} = f32(low_sum(p{r}.y) + high_sum(p{r}.y));
let q_sum{r} = f32(low_sum(q{r}.y) + high_sum(q{r}.y));
let x{r} = rounded[4u * row{r}];
let y{r} = rounded[4u * row{r} + 1u];
let z{r} = rounded[4u * row{r} + 2u];
let v{r} = rounded[4u * row{r} + 3u];
let s{o}_{r} = fma(steps{o}.x, f32(dots(a{o}, x{r}) + dots(b{o}, y{r})), -steps{o}.y * p_sum{r});
let t{o}_{r} = fma(steps{o}.z, f32(dots(c{o}, z{r}) + dots(d{o}, v{r})), -steps{o}.w * q_sum{r});
sum{o}_{r} = fma(bitcast<f32>(q{r}.x), t{o}_{r}, fma(bitcast<f32>(p{r}.x), s{o}_{r}, sum{o}_{r}));
