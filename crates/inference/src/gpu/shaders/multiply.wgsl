// Multiplies ROWS rows with a matrix. 32 lanes share OUTPUTS outputs: each adds up every 32nd piece of them, in order, and the
// sums of the lanes are added as a tree. The order is the same however many rows there are. Where rows are rounded twice, TIMES
// is two, and every other one of the ROWS is what the first rounding of the one before left, LEFT pieces after it.

struct Matrix {
    // Pieces of a row of the matrix.
    units: u32,
    outputs: u32,
    // The first output of this part of it, and where the matrix begins in a row of the product.
    part: u32,
    first: u32,
    // Values of a row of the product.
    stride: u32,
    has_bias: u32,
    // Outputs of the whole matrix.
    width: u32,
}

@group(0) @binding(0) var<uniform> matrix: Matrix;
@group(0) @binding(1) var<storage, read> values: array<vec4<u32>>;
@group(0) @binding(5) var<storage, read> bias: array<f32>;
@group(0) @binding(8) var<storage, read_write> product: array<f32>;

var<workgroup> sums: array<f32, OUTPUTS * ROWS * THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let lane = local % 32u;
    let first_output = ((group.z * 32768u + group.x) * (THREADS / 32u) + local / 32u) * OUTPUTS;
    let tile = group.y;
    if (is_empty(tile)) {
        return;
    }
    let number = matrix_of(tile);
    let from{r} = row_from(tile, {r}u / TIMES) * matrix.units + {r}u % TIMES * LEFT;
    // Lanes beyond the last output work on it as well, for nothing.
    let output{o} = min(first_output + {o}u, matrix.outputs - 1u);
    let start{o} = (number * matrix.outputs + output{o}) * matrix.units;
    var sum{o}_{r} = 0.0;
    var unit = lane;
    // Several pieces at once, so that their numbers are on their way together.
    for (; unit + 96u < matrix.units; unit += 128u) {
        {
            let index{o} = start{o} + unit;
            let row{r} = from{r} + unit;
            //UNIT
        }
        {
            let index{o} = start{o} + unit + 32u;
            let row{r} = from{r} + unit + 32u;
            //UNIT
        }
        {
            let index{o} = start{o} + unit + 64u;
            let row{r} = from{r} + unit + 64u;
            //UNIT
        }
        {
            let index{o} = start{o} + unit + 96u;
            let row{r} = from{r} + unit + 96u;
            //UNIT
        }
    }
    for (; unit < matrix.units; unit += 32u) {
        let index{o} = start{o} + unit;
        let row{r} = from{r} + unit;
        //UNIT
    }
    //TREE
    if ({r}u % TIMES != 0u) { sum{o}_{m} += sum{o}_{r}; }
    if (lane == 0u) {
        var added{o} = 0.0;
        if (matrix.has_bias != 0u) {
            added{o} = bias[number * matrix.width + matrix.part + output{o}];
        }
        let to{r} = row_to(tile, {r}u / TIMES) * matrix.stride + matrix.first + matrix.part;
        if ({r}u % TIMES == 0u) { product[to{r} + output{o}] = sum{o}_{r} + added{o}; }
    }
}
