use ambit_protocol::domain::{Image, ImageFormat};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::invalid_field;
use crate::failure::Outcome;

/// An image in base64.
pub(in crate::routes) fn image(text: &str, field: &str) -> Outcome<Image> {
    let Ok(bytes) = STANDARD.decode(text.trim()) else {
        return Err(invalid_field(field, "an image is not in base64", "encode the content of its file in base64"));
    };
    match ImageFormat::of(&bytes) {
        Some(format) => Ok(Image { format, bytes }),
        None => Err(invalid_field(field, "an image is neither PNG, JPEG, GIF nor WebP", "convert it to one of these")),
    }
}

/// An image as a `data:` address. Other addresses are not followed: what a host fetches is not for a request to choose.
pub(in crate::routes) fn image_at(url: &str, field: &str) -> Outcome<Image> {
    let Some(rest) = url.strip_prefix("data:") else {
        let what = "the address of an image does not hold the image, and nothing is fetched";
        return Err(invalid_field(field, what, "send the image itself, as `data:image/png;base64,…`"));
    };
    match rest.split_once(";base64,") {
        Some((_, text)) => image(text, field),
        None => Err(invalid_field(field, "the address of an image is not in base64", "send `data:image/png;base64,…`")),
    }
}
