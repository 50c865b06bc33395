    sums[{p}u * THREADS + local] = sum{o}_{r};
    workgroupBarrier();
    for (var step = 16u; step > 0u; step /= 2u) {
        if (lane < step) {
            sums[{p}u * THREADS + local] += sums[{p}u * THREADS + local + step];
        }
        workgroupBarrier();
    }
    sum{o}_{r} = sums[{p}u * THREADS + local];
