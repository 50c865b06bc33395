// 64 numbers of 6 bits with 32 added, in two blocks; the lower four bits of the first in the lower halves of the bytes. The two
// upper bits of half a block stand in a word: bits `2 word` and `2 word + 1` of byte `i` are those of number `4 word + i`. Half a
// block has a scale of one signed byte, and 256 numbers have a scale of the scales.
@group(0) @binding(2) var<storage, read> scales: array<u32>;
@group(0) @binding(3) var<storage, read> steps: array<u32>;
@group(0) @binding(4) var<storage, read> high: array<vec4<u32>>;
@group(0) @binding(6) var<storage, read> rounded: array<vec4<u32>>;
@group(0) @binding(7) var<storage, read> blocks: array<vec2<u32>>;

fn upper_bits(word: u32, places: vec4<u32>, each: u32) -> vec4<u32> {
    return ((vec4<u32>(word) >> places) & vec4<u32>(each)) << vec4<u32>(4u);
}
//UNIT
let first_half{o} = values[2u * index{o}];
let second_half{o} = values[2u * index{o} + 1u];
let upper{o} = high[index{o}];
let a{o} = (first_half{o} & vec4<u32>(0x0f0f0f0fu)) | upper_bits(upper{o}.x, vec4<u32>(0u, 2u, 4u, 6u), 0x03030303u);
let b{o} = (second_half{o} & vec4<u32>(0x0f0f0f0fu)) | upper_bits(upper{o}.y, vec4<u32>(0u, 2u, 4u, 6u), 0x03030303u);
let c{o} = ((first_half{o} >> vec4<u32>(4u)) & vec4<u32>(0x0f0f0f0fu)) | upper_bits(upper{o}.z, vec4<u32>(0u, 2u, 4u, 6u), 0x03030303u);
let d{o} = ((second_half{o} >> vec4<u32>(4u)) & vec4<u32>(0x0f0f0f0fu)) | upper_bits(upper{o}.w, vec4<u32>(0u, 2u, 4u, 6u), 0x03030303u);
let scale{o} = unpack2x16float(scales[index{o} / 4u]).x;
let step{o} = unpack4xI8(steps[index{o}]);
let p{r} = blocks[2u * row{r}];
let q{r} = blocks[2u * row{r} + 1u];
let x{r} = rounded[4u * row{r}];
let y{r} = rounded[4u * row{r} + 1u];
let z{r} = rounded[4u * row{r} + 2u];
let v{r} = rounded[4u * row{r} + 3u];
let k{o}_{r} = step{o}.x * (dots(a{o}, x{r}) - 32 * low_sum(p{r}.y));
let l{o}_{r} = step{o}.y * (dots(b{o}, y{r}) - 32 * high_sum(p{r}.y));
let m{o}_{r} = step{o}.z * (dots(c{o}, z{r}) - 32 * low_sum(q{r}.y));
let n{o}_{r} = step{o}.w * (dots(d{o}, v{r}) - 32 * high_sum(q{r}.y));
sum{o}_{r} = fma(f32(k{o}_{r} + l{o}_{r}), scale{o} * bitcast<f32>(p{r}.x), sum{o}_{r});
sum{o}_{r} = fma(f32(m{o}_{r} + n{o}_{r}), scale{o} * bitcast<f32>(q{r}.x), sum{o}_{r});
