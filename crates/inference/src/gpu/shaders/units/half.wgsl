@group(0) @binding(6) var<storage, read> rows: array<vec4<f32>>;
//UNIT
let packed{o} = values[index{o}];
let w{o} = vec4<f32>(unpack2x16float(packed{o}.x), unpack2x16float(packed{o}.y));
let v{o} = vec4<f32>(unpack2x16float(packed{o}.z), unpack2x16float(packed{o}.w));
let x{r} = rows[2u * row{r}];
let y{r} = rows[2u * row{r} + 1u];
sum{o}_{r} = fma(w{o}.y, x{r}.y, fma(w{o}.x, x{r}.x, sum{o}_{r}));
sum{o}_{r} = fma(w{o}.w, x{r}.w, fma(w{o}.z, x{r}.z, sum{o}_{r}));
sum{o}_{r} = fma(v{o}.y, y{r}.y, fma(v{o}.x, y{r}.x, sum{o}_{r}));
sum{o}_{r} = fma(v{o}.w, y{r}.w, fma(v{o}.z, y{r}.z, sum{o}_{r}));
