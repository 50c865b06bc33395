//! What can be seen on a screen: Xvfb keeps its pixels in a file in the form of `xwd`.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// A part of the screen, in pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Area {
    pub(crate) left: usize,
    pub(crate) top: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

/// Bytes of a pixel on the screen.
const PIXEL: usize = 4;

/// The pixels of an area, row by row.
pub(crate) struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    /// What is in an area of the screen whose file this is.
    pub(crate) fn of(screen: &Path, area: Area) -> Self {
        let file = std::fs::read(screen).unwrap();
        // Big-endian numbers of 32 bits: the first is the header's size, the 13th the bytes of a row, the 20th how many colours
        // of 12 bytes follow the header.
        let number = |index: usize| {
            let bytes = file[index * 4..][..4].try_into().unwrap();
            usize::try_from(u32::from_be_bytes(bytes)).unwrap()
        };
        let (begin, row) = (number(0) + 12 * number(19), number(12));
        let rows = (area.top..area.top + area.height)
            .map(|line| &file[begin + line * row + area.left * PIXEL..][..area.width * PIXEL]);
        // Blue comes first.
        let pixels = rows.flat_map(|row| row.chunks_exact(PIXEL)).map(|pixel| [pixel[2], pixel[1], pixel[0]]).collect();
        Self { width: area.width, height: area.height, pixels }
    }

    /// How many colours there are: letters have many, an empty window has one.
    pub(crate) fn colours(&self) -> usize {
        self.pixels.iter().collect::<BTreeSet<_>>().len()
    }

    /// How bright it is in its middle, from 0 to 255.
    pub(crate) fn brightness(&self) -> f64 {
        let middle = &self.pixels[self.pixels.len() / 3..self.pixels.len() * 2 / 3];
        let sum: u64 = middle.iter().flatten().map(|part| u64::from(*part)).sum();
        sum as f64 / (middle.len() * 3) as f64
    }

    /// Where a colour is first.
    pub(crate) fn find(&self, colour: [u8; 3]) -> Option<(usize, usize)> {
        let place = self.pixels.iter().position(|pixel| *pixel == colour)?;
        Some((place % self.width, place / self.width))
    }

    /// Writes it down as PNG.
    pub(crate) fn save(&self, path: &Path) {
        let side = |pixels: usize| u32::try_from(pixels).unwrap().to_be_bytes();
        // 8 bits for each of three colours, packed and filtered as all PNG files are, in one go.
        let header = [&side(self.width)[..], &side(self.height), &[8, 2, 0, 0, 0]].concat();
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
        for row in self.pixels.chunks_exact(self.width) {
            // No filter.
            packed.write_all(&[0]).unwrap();
            packed.write_all(row.as_flattened()).unwrap();
        }
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        for (kind, content) in [(b"IHDR", header), (b"IDAT", packed.finish().unwrap()), (b"IEND", Vec::new())] {
            let mut sum = flate2::Crc::new();
            sum.update(kind);
            sum.update(&content);
            file.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
            file.extend([&kind[..], &content, &sum.sum().to_be_bytes()].concat());
        }
        std::fs::write(path, file).unwrap();
    }
}
