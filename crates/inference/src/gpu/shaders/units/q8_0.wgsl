// 16 numbers of 8 bits; two pieces share a scale, and a word has two scales.
@group(0) @binding(2) var<storage, read> scales: array<u32>;
@group(0) @binding(6) var<storage, read> rounded: array<vec4<u32>>;
@group(0) @binding(7) var<storage, read> blocks: array<vec2<u32>>;
//UNIT
let w{o} = values[index{o}];
let both{o} = unpack2x16float(scales[index{o} / 4u]);
let scale{o} = select(both{o}.x, both{o}.y, (index{o} & 2u) != 0u);
let x{r} = rounded[row{r}];
let step{r} = bitcast<f32>(blocks[row{r} / 2u].x);
sum{o}_{r} = fma(f32(dots(w{o}, x{r})), scale{o} * step{r}, sum{o}_{r});
