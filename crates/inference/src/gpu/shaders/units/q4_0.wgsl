// 32 numbers of 4 bits with 8 added; the first 16 stand in the lower halves of the bytes. A word has two scales.
@group(0) @binding(2) var<storage, read> scales: array<u32>;
@group(0) @binding(6) var<storage, read> rounded: array<vec4<u32>>;
@group(0) @binding(7) var<storage, read> blocks: array<vec2<u32>>;
//UNIT
let packed{o} = values[index{o}];
let both{o} = unpack2x16float(scales[index{o} / 2u]);
let scale{o} = select(both{o}.x, both{o}.y, (index{o} & 1u) != 0u);
let low{o} = packed{o} & vec4<u32>(0x0f0f0f0fu);
let high{o} = (packed{o} >> vec4<u32>(4u)) & vec4<u32>(0x0f0f0f0fu);
let x{r} = rounded[2u * row{r}];
let y{r} = rounded[2u * row{r} + 1u];
let block{r} = blocks[row{r}];
let added{r} = 8 * (low_sum(block{r}.y) + high_sum(block{r}.y));
let step{r} = bitcast<f32>(block{r}.x);
sum{o}_{r} = fma(f32(dots(low{o}, x{r}) + dots(high{o}, y{r}) - added{r}), scale{o} * step{r}, sum{o}_{r});
