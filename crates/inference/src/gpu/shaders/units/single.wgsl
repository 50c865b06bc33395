@group(0) @binding(6) var<storage, read> rows: array<vec4<f32>>;
//UNIT
let w{o} = bitcast<vec4<f32>>(values[index{o}]);
let x{r} = rows[row{r}];
sum{o}_{r} = fma(w{o}.y, x{r}.y, fma(w{o}.x, x{r}.x, sum{o}_{r}));
sum{o}_{r} = fma(w{o}.w, x{r}.w, fma(w{o}.z, x{r}.z, sum{o}_{r}));
