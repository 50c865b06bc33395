// 32 numbers of 5 bits. The lower four bits of the first 16 stand in the lower halves of the bytes; bit
// `word` of byte `i` of a word is the fifth of number `4 word + i`. A word has a scale and what is added
// to all numbers.
@group(0) @binding(2) var<storage, read> scales: array<u32>;
@group(0) @binding(4) var<storage, read> high: array<u32>;
@group(0) @binding(6) var<storage, read> rounded: array<vec4<u32>>;
@group(0) @binding(7) var<storage, read> blocks: array<vec2<u32>>;

fn upper_bits(word: u32, places: vec4<u32>, each: u32) -> vec4<u32> {
    return ((vec4<u32>(word) >> places) & vec4<u32>(each)) << vec4<u32>(4u);
}
//UNIT
let packed{o} = values[index{o}];
let fifth{o} = high[index{o}];
let both{o} = unpack2x16float(scales[index{o}]);
let low{o} = (packed{o} & vec4<u32>(0x0f0f0f0fu)) | upper_bits(fifth{o}, vec4<u32>(0u, 1u, 2u, 3u), 0x01010101u);
let upper{o} = ((packed{o} >> vec4<u32>(4u)) & vec4<u32>(0x0f0f0f0fu)) | upper_bits(fifth{o}, vec4<u32>(4u, 5u, 6u, 7u), 0x01010101u);
let x{r} = rounded[2u * row{r}];
let y{r} = rounded[2u * row{r} + 1u];
let block{r} = blocks[row{r}];
let all{r} = f32(low_sum(block{r}.y) + high_sum(block{r}.y));
let step{r} = bitcast<f32>(block{r}.x);
let s{o}_{r} = fma(both{o}.x, f32(dots(low{o}, x{r}) + dots(upper{o}, y{r})), both{o}.y * all{r});
sum{o}_{r} = fma(step{r}, s{o}_{r}, sum{o}_{r});
