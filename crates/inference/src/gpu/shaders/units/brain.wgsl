@group(0) @binding(6) var<storage, read> rows: array<vec4<f32>>;
//UNIT
let packed{o} = values[index{o}];
let even{o} = bitcast<vec4<f32>>(packed{o} << vec4<u32>(16u));
let odd{o} = bitcast<vec4<f32>>(packed{o} & vec4<u32>(0xffff0000u));
let x{r} = rows[2u * row{r}];
let y{r} = rows[2u * row{r} + 1u];
sum{o}_{r} = fma(odd{o}.x, x{r}.y, fma(even{o}.x, x{r}.x, sum{o}_{r}));
sum{o}_{r} = fma(odd{o}.y, x{r}.w, fma(even{o}.y, x{r}.z, sum{o}_{r}));
sum{o}_{r} = fma(odd{o}.z, y{r}.y, fma(even{o}.z, y{r}.x, sum{o}_{r}));
sum{o}_{r} = fma(odd{o}.w, y{r}.w, fma(even{o}.w, y{r}.z, sum{o}_{r}));
