//! From the order of a file to the order of use.

use super::{BLOCK, BLOCKS, FIFTHS, GROUP, IntegerFormat, IntegerWeight, Line, PANEL};

impl IntegerWeight {
    /// Takes the blocks of a GGUF tensor. `inner` must be whole blocks of the format.
    pub(crate) fn from_blocks(format: IntegerFormat, bytes: &[u8], outputs: usize, inner: usize) -> Self {
        assert!(inner.is_multiple_of(format.values()) && inner > 0, "rows must be whole blocks");
        let blocks = inner / format.values();
        assert!(bytes.len() == outputs * blocks * format.stored(), "the tensor must have the bytes of its shape");
        let count = outputs.div_ceil(PANEL) * blocks;
        let mut weight = Self {
            format,
            outputs,
            inner,
            lines: vec![Line([0; PANEL * GROUP]); count * format.lines()],
            scales: vec![0; count * format.scales() * PANEL],
            small_scales: vec![0; count * format.small_scales() * PANEL],
        };
        for (output, row) in bytes.chunks_exact(blocks * format.stored()).enumerate() {
            let (panel, column) = (output / PANEL, output % PANEL);
            for (block, stored) in row.chunks_exact(format.stored()).enumerate() {
                weight.put(panel * blocks + block, column, stored);
            }
        }
        weight
    }

    fn put(&mut self, block: usize, column: usize, stored: &[u8]) {
        match self.format {
            IntegerFormat::Q8_0 => {
                self.put_scale(block, 0, column, &stored[..2]);
                self.put_lines(block, 0, column, &stored[2..], 0x80);
            }
            IntegerFormat::Q4_0 => {
                self.put_scale(block, 0, column, &stored[..2]);
                self.put_lines(block, 0, column, &stored[2..], 0);
            }
            IntegerFormat::Q5_0 => {
                self.put_scale(block, 0, column, &stored[..2]);
                self.put_five_bits(block, column, &stored[2..]);
            }
            IntegerFormat::Q5_1 => {
                self.put_scale(block, 0, column, &stored[..2]);
                // What is taken off is the opposite of what is added: another sign.
                self.put_scale(block, 1, column, &[stored[2], stored[3] ^ 0x80]);
                self.put_five_bits(block, column, &stored[4..]);
            }
            IntegerFormat::Q4K => {
                self.put_scales_and_minima(block, column, stored);
                self.put_lines(block, 0, column, &stored[16..], 0);
            }
            IntegerFormat::Q5K => {
                self.put_scales_and_minima(block, column, stored);
                self.put_lines(block, 0, column, &stored[48..], 0);
                self.put_lines(block, 32, column, &stored[16..48], 0);
            }
            IntegerFormat::Q6K => {
                self.put_scale(block, 0, column, &stored[208..]);
                self.put_lines(block, 0, column, &stored[..192], 0);
                self.put_small_scales(block, column, &stored[192..208]);
            }
        }
    }

    fn put_scale(&mut self, block: usize, number: usize, column: usize, bytes: &[u8]) {
        self.scales[(block * self.format.scales() + number) * PANEL + column] =
            u16::from_le_bytes([bytes[0], bytes[1]]);
    }

    fn put_small_scales(&mut self, block: usize, column: usize, scales: &[u8]) {
        let to = self.small_scales[block * self.format.small_scales() * PANEL..].iter_mut().skip(column).step_by(PANEL);
        to.zip(scales).for_each(|(to, scale)| *to = *scale);
    }

    /// Writes bytes into a column, four for each line, with some bits turned over.
    fn put_lines(&mut self, block: usize, first: usize, column: usize, bytes: &[u8], turned: u8) {
        let lines = &mut self.lines[block * self.format.lines() + first..];
        for (line, group) in lines.iter_mut().zip(bytes.chunks_exact(GROUP)) {
            let to = &mut line.0[column * GROUP..(column + 1) * GROUP];
            to.iter_mut().zip(group).for_each(|(to, byte)| *to = byte ^ turned);
        }
    }

    /// A word with the fifth bits, that of the first value the lowest, and the lower four.
    fn put_five_bits(&mut self, block: usize, column: usize, stored: &[u8]) {
        self.put_lines(block, 0, column, &stored[4..], 0);
        let mut fifths = [0; GROUP];
        for value in 0..BLOCK {
            fifths[value % GROUP] |= (stored[value / 8] >> (value % 8) & 1) << (value / GROUP);
        }
        self.put_lines(block, FIFTHS, column, &fifths, 0);
    }

    /// The scales of scales and minima, and those in 6 bits: the first four of each in the lower bits of eight bytes; of the
    /// others the lower four bits in four bytes, and the upper two above the first ones.
    fn put_scales_and_minima(&mut self, block: usize, column: usize, stored: &[u8]) {
        self.put_scale(block, 0, column, &stored[..2]);
        self.put_scale(block, 1, column, &stored[2..4]);
        let packed = &stored[4..16];
        let mut scales = [0; 2 * BLOCKS];
        for number in 0..4 {
            let (scale, minimum, rest) = (packed[number], packed[number + 4], packed[number + 8]);
            scales[number] = scale & 63;
            scales[BLOCKS + number] = minimum & 63;
            scales[number + 4] = (rest & 15) | (scale >> 6) << 4;
            scales[BLOCKS + number + 4] = (rest >> 4) | (minimum >> 6) << 4;
        }
        self.put_small_scales(block, column, &scales);
    }
}
