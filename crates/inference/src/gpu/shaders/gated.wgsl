// Multiplies ROWS rows with two matrices, bends the one product, multiplies it with the other, and rounds the result. 32 lanes
// share OUTPUTS outputs as in `multiply`, where TIMES and FROM_LEFT (LEFT there) are told, and a group has a block of 32.

struct Matrix {
    // Pieces of a row of a matrix.
    units: u32,
    outputs: u32,
}

@group(0) @binding(0) var<uniform> matrix: Matrix;
@group(0) @binding(1) var<storage, read> values: array<vec4<u32>>;
@group(0) @binding(11) var<storage, read> up_values: array<vec4<u32>>;
@group(0) @binding(8) var<storage, read_write> rounded_product: array<u32>;
@group(0) @binding(9) var<storage, read_write> product_blocks: array<vec2<u32>>;

var<workgroup> sums: array<f32, OUTPUTS * ROWS * THREADS>;
var<workgroup> gates: array<f32, ROWS / TIMES * 32>;
var<workgroup> ups: array<f32, ROWS / TIMES * 32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let lane = local % 32u;
    let place = local / 32u * OUTPUTS;
    let tile = group.y;
    if (is_empty(tile)) {
        return;
    }
    let number = matrix_of(tile);
    let from{r} = row_from(tile, {r}u / TIMES) * matrix.units + {r}u % TIMES * FROM_LEFT;
    let output{o} = group.x * 32u + place + {o}u;
    var sum{o}_{r} = 0.0;
    var twin{o}_{r} = 0.0;
    for (var unit = lane; unit < matrix.units; unit += 32u) {
        let index{o} = (number * matrix.outputs + output{o}) * matrix.units + unit;
        let row{r} = from{r} + unit;
        {
            //UNIT
        }
        {
            //UNIT_OF_UP
        }
    }
    //TREE
    //TREE_OF_UP
    if ({r}u % TIMES != 0u) { sum{o}_{m} += sum{o}_{r}; }
    if ({r}u % TIMES != 0u) { twin{o}_{m} += twin{o}_{r}; }
    if (lane == 0u) {
        if ({r}u % TIMES == 0u) { gates[{r}u / TIMES * 32u + place + {o}u] = sum{o}_{r}; }
        if ({r}u % TIMES == 0u) { ups[{r}u / TIMES * 32u + place + {o}u] = twin{o}_{r}; }
    }
    workgroupBarrier();
    // Eight threads have a row's block.
    var bent = vec4<f32>(0.0);
    let is_there = local < ROWS / TIMES * 8u;
    if (is_there) {
        let quad = local * 4u;
        let gate = vec4<f32>(gates[quad], gates[quad + 1u], gates[quad + 2u], gates[quad + 3u]);
        bent = bend(gate) * vec4<f32>(ups[quad], ups[quad + 1u], ups[quad + 2u], ups[quad + 3u]);
    }
    let row = row_to(tile, min(local / 8u, ROWS / TIMES - 1u));
    store_rounded(local, bent, row * (matrix.outputs / 4u) + group.x * 8u + local % 8u, is_there);
}
