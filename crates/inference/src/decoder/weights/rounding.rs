//! How closely rows are rounded before they are multiplied with weights of whole numbers.
//!
//! Most families bear 8 bits: their logits are off by less than a hundredth of their norm. Two do not: layers with the delta
//! rule divide small answers by their size, and norms after what a layer adds enlarge what is wrong in it. Their rows are
//! rounded twice where it tells, which makes reading a prompt longer, by what docs/parity.md says.

use super::super::configuration::{Configuration, LayerConfiguration, Mixer};
use super::super::source::{LayerPart, Part};
use crate::kernels::Rounding;

/// How closely the rows are rounded that are multiplied with a part.
pub(super) fn rounding(configuration: &Configuration, part: Part) -> Rounding {
    let Part::Layer(layer, part) = part else { return Rounding::Once };
    let layers = &configuration.layers;
    let remembers = layers.iter().any(|layer| matches!(layer.mixer, Mixer::Delta(_)));
    let is_normed_after = layers.get(layer).is_some_and(|LayerConfiguration { is_normed_after, .. }| *is_normed_after);
    let tells = match part {
        LayerPart::Mixed | LayerPart::MixedGate | LayerPart::Rate | LayerPart::Decay | LayerPart::MixedOutput => true,
        LayerPart::Gate | LayerPart::Up | LayerPart::SharedGate | LayerPart::SharedUp => remembers,
        LayerPart::ExpertGate(_) | LayerPart::ExpertUp(_) => remembers,
        LayerPart::Query | LayerPart::Key | LayerPart::Value | LayerPart::Output => is_normed_after,
        LayerPart::Down | LayerPart::SharedDown | LayerPart::ExpertDown(_) => is_normed_after,
        _ => false,
    };
    if tells { Rounding::Twice } else { Rounding::Once }
}
