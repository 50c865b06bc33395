//! The icon, drawn: a ring with a gap around a dot, as on the app's icon, whose look tells how the app stands.

use std::f32::consts::{FRAC_PI_4, SQRT_2};

use tauri::image::Image;

/// How the app stands, as far as its icon tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Nothing to do: ring and dot.
    Idle,
    /// Indexing or answering: the dot is large.
    Working,
    /// Something waits for the user: an amber mark.
    NeedsYou,
    /// Nothing may leave the machine: the ring alone, struck through.
    Offline,
}

/// Pixels of a side; desktops scale it down.
const SIZE: u32 = 64;

type Colour = [f32; 3];
const WHITE: Colour = [255.0, 255.0, 255.0];
const TEAL: Colour = [11.0, 107.0, 122.0];
const GREY: Colour = [96.0, 102.0, 110.0];
const AMBER: Colour = [245.0, 166.0, 35.0];

/// The icon of a look.
pub(crate) fn draw(look: Look) -> Image<'static> {
    let mut pixels = Vec::new();
    for row in 0..SIZE {
        for column in 0..SIZE {
            // Places run from -1 to 1, with the middle of the icon at 0.
            let at = |step: u32| (step as f32 + 0.5) / (SIZE as f32 / 2.0) - 1.0;
            pixels.extend(pixel(look, at(column), at(row)));
        }
    }
    Image::new_owned(pixels, SIZE, SIZE)
}

fn pixel(look: Look, x: f32, y: f32) -> [u8; 4] {
    let ground = if look == Look::Offline { GREY } else { TEAL };
    let (mut colour, mut opacity) = (ground, inside(plate(x, y)));
    let mut paint = |over: Colour, coverage: f32| {
        for (channel, new) in colour.iter_mut().zip(over) {
            *channel += (new - *channel) * coverage;
        }
        opacity = opacity.max(coverage);
    };
    paint(WHITE, inside(ring(x, y)));
    match look {
        Look::Idle => paint(WHITE, inside(disc(x, y, 0.0, 0.0, 0.19))),
        Look::Working => paint(WHITE, inside(disc(x, y, 0.0, 0.0, 0.33))),
        Look::NeedsYou => {
            paint(WHITE, inside(disc(x, y, 0.0, 0.0, 0.19)));
            // A rim of the ground sets the mark off from the ring.
            paint(ground, inside(disc(x, y, 0.58, -0.58, 0.46)));
            paint(AMBER, inside(disc(x, y, 0.58, -0.58, 0.36)));
        }
        Look::Offline => {
            paint(ground, inside((x + y).abs() / SQRT_2 - 0.17));
            paint(WHITE, inside(f32::max((x + y).abs() / SQRT_2 - 0.08, disc(x, y, 0.0, 0.0, 0.82))));
        }
    }
    let [red, green, blue] = colour.map(|channel| channel.round() as u8);
    [red, green, blue, (opacity * 255.0).round() as u8]
}

/// How much of a pixel lies inside, by how far its middle is from the border: negative is inside.
fn inside(distance: f32) -> f32 {
    (0.5 - distance * SIZE as f32 / 2.0).clamp(0.0, 1.0)
}

fn disc(x: f32, y: f32, left: f32, top: f32, radius: f32) -> f32 {
    (x - left).hypot(y - top) - radius
}

/// A square with round corners.
fn plate(x: f32, y: f32) -> f32 {
    let (side, corner) = (0.96, 0.48);
    let over = |place: f32| (place.abs() - (side - corner)).max(0.0);
    over(x).hypot(over(y)) - corner
}

/// A ring that is open to the upper right.
fn ring(x: f32, y: f32) -> f32 {
    let radius = 0.55;
    let aside = ((-y).atan2(x) - FRAC_PI_4).abs();
    let gap = (0.5 - aside) * radius;
    ((x.hypot(y) - radius).abs() - 0.09).max(gap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_look_is_another_picture_with_clear_corners() {
        let pictures =
            [Look::Idle, Look::Working, Look::NeedsYou, Look::Offline].map(|look| draw(look).rgba().to_vec());
        for (position, picture) in pictures.iter().enumerate() {
            assert_eq!(picture.len(), 64 * 64 * 4);
            assert_eq!(picture[3], 0, "the corner is painted");
            let others = pictures.iter().skip(position + 1);
            let differing =
                |other: &Vec<u8>| picture.iter().zip(other).filter(|(one, two)| one.abs_diff(**two) > 64).count();
            for other in others {
                assert!(differing(other) > 300, "two looks can hardly be told apart");
            }
        }
    }
}
