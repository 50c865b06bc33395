    sum{o}_{r} += subgroupShuffleXor(sum{o}_{r}, 16u);
    sum{o}_{r} += subgroupShuffleXor(sum{o}_{r}, 8u);
    sum{o}_{r} += subgroupShuffleXor(sum{o}_{r}, 4u);
    sum{o}_{r} += subgroupShuffleXor(sum{o}_{r}, 2u);
    sum{o}_{r} += subgroupShuffleXor(sum{o}_{r}, 1u);
