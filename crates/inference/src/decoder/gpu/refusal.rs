//! What the programs of the GPU cannot compute.

use super::WIDEST_HEAD;
use crate::decoder::configuration::{
    Configuration, FeedForwardConfiguration, LayerConfiguration, LayerEmbedding, Mixer, NormKind,
};

/// The widest head of a layer with the delta rule: a thread holds a column of its matrix.
const WIDEST_DELTA: usize = 256;
/// The most experts, and the most of them that a token asks.
const MOST_EXPERTS: usize = 1024;
const MOST_CHOSEN: usize = 64;

/// Why a model cannot run on a GPU, if it cannot.
pub(super) fn refusal(configuration: &Configuration) -> Option<String> {
    if !configuration.hidden.is_multiple_of(4) {
        return Some(format!("rows of {} numbers", configuration.hidden));
    }
    if let Some(LayerEmbedding { width, .. }) = configuration.layer_embedding.filter(|it| !it.width.is_multiple_of(4)) {
        return Some(format!("embeddings of {width} numbers for each layer"));
    }
    configuration.layers.iter().find_map(|layer| {
        of_layer(layer, configuration.norm).or_else(|| of_feed_forward(&layer.feed_forward, configuration.norm))
    })
}

fn of_layer(layer: &LayerConfiguration, norm: NormKind) -> Option<String> {
    let attention = match &layer.mixer {
        Mixer::Attention(attention) => attention,
        Mixer::Delta(delta) => {
            let widest = delta.shape.key_width.max(delta.shape.value_width);
            return (widest > WIDEST_DELTA).then(|| format!("linear heads of {widest} numbers"));
        }
    };
    let width = attention.shape.width;
    if width > WIDEST_HEAD || !width.is_multiple_of(8) {
        return Some(format!("heads of {width} numbers"));
    }
    if layer.is_normed_after && norm == NormKind::Layer {
        return Some("layers that are normalised afterwards by mean and variance".to_owned());
    }
    if attention.is_head_normed && norm == NormKind::Layer {
        return Some("heads that are normalised by mean and variance".to_owned());
    }
    None
}

fn of_feed_forward(network: &FeedForwardConfiguration, norm: NormKind) -> Option<String> {
    let widths = [Some(network.width), network.shared.map(|shared| shared.width)];
    if let Some(width) = widths.into_iter().flatten().find(|width| !width.is_multiple_of(4)) {
        return Some(format!("feed-forward networks of {width} numbers"));
    }
    let experts = network.experts?;
    if experts.count > MOST_EXPERTS || experts.chosen > MOST_CHOSEN {
        return Some(format!("{} of {} experts", experts.chosen, experts.count));
    }
    (network.shared.is_some() && norm == NormKind::Layer)
        .then(|| "experts that are normalised by mean and variance".to_owned())
}
