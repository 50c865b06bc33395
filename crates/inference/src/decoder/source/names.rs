//! What tensors are called in the files of others.

use super::{Kind, LayerPart, Part};

/// An expert's part of a tensor that holds those of all.
pub(super) struct Packed {
    pub(super) name: String,
    pub(super) expert: usize,
    /// Which half of the expert's rows, where two weights are joined.
    pub(super) half: Option<usize>,
}

/// The tensors of a GGUF file that hold an expert's part, the most usual first.
pub(super) fn gguf_packed(part: Part, kind: Kind) -> Vec<Packed> {
    packed(part, [("ffn_gate_exps", None), ("ffn_up_exps", None), ("ffn_down_exps", None)])
        .chain(packed(part, [("ffn_gate_up_exps", Some(0)), ("ffn_gate_up_exps", Some(1)), ("ffn_down_exps", None)]))
        .map(|(layer, packed)| Packed { name: format!("blk.{layer}.{}{}", packed.name, ending(kind)), ..packed })
        .collect()
}

/// The same of the architectures of transformers.
pub(super) fn folder_packed(part: Part) -> Vec<Packed> {
    let names = [("gate_up_proj", Some(0)), ("gate_up_proj", Some(1)), ("down_proj", None)];
    ["mlp.experts", "experts"]
        .into_iter()
        .flat_map(|within| packed(part, names).map(move |(layer, packed)| (layer, within, packed)))
        .map(|(layer, within, packed)| Packed { name: format!("layers.{layer}.{within}.{}", packed.name), ..packed })
        .collect()
}

/// The layer of an expert's part, and the part, when the names are those for gates, ups and downs.
fn packed(part: Part, names: [(&str, Option<usize>); 3]) -> impl Iterator<Item = (usize, Packed)> {
    let place = match part {
        Part::Layer(layer, LayerPart::ExpertGate(expert)) => Some((layer, expert, names[0])),
        Part::Layer(layer, LayerPart::ExpertUp(expert)) => Some((layer, expert, names[1])),
        Part::Layer(layer, LayerPart::ExpertDown(expert)) => Some((layer, expert, names[2])),
        _ => None,
    };
    place.into_iter().map(|(layer, expert, (name, half))| (layer, Packed { name: name.to_owned(), expert, half }))
}

/// How a name ends.
fn ending(kind: Kind) -> &'static str {
    match kind {
        Kind::Weight => ".weight",
        Kind::Bias => ".bias",
    }
}

/// The names in a GGUF file, the most usual first.
pub(super) fn gguf_names(part: Part, kind: Kind) -> Vec<String> {
    let ending = ending(kind);
    let (layer, part) = match part {
        Part::Embedding => return vec![format!("token_embd{ending}")],
        Part::Norm => return vec![format!("output_norm{ending}")],
        Part::Head => return vec![format!("output{ending}")],
        Part::LayerEmbedding => return vec![format!("per_layer_token_embd{ending}")],
        Part::LayerProjection => return vec![format!("per_layer_model_proj{ending}")],
        Part::LayerProjectionNorm => return vec![format!("per_layer_proj_norm{ending}")],
        Part::Layer(layer, part) => (layer, part),
    };
    let of_layer = |name: &str| format!("blk.{layer}.{name}{ending}");
    let name = match part {
        LayerPart::AttentionNorm => "attn_norm",
        LayerPart::Query => "attn_q",
        LayerPart::Key => "attn_k",
        LayerPart::Value => "attn_v",
        LayerPart::Output => "attn_output",
        LayerPart::QueryNorm => "attn_q_norm",
        LayerPart::KeyNorm => "attn_k_norm",
        LayerPart::AfterAttentionNorm => "post_attention_norm",
        // Where there is no norm after attention, this one may have its name.
        LayerPart::FeedForwardNorm => return ["ffn_norm", "post_attention_norm"].map(of_layer).to_vec(),
        LayerPart::Gate => "ffn_gate",
        LayerPart::Up => "ffn_up",
        LayerPart::Down => "ffn_down",
        LayerPart::AfterFeedForwardNorm => "post_ffw_norm",
        LayerPart::Router => "ffn_gate_inp",
        LayerPart::ExpertGate(_) | LayerPart::ExpertUp(_) | LayerPart::ExpertDown(_) => return Vec::new(),
        // Where experts are joined by norms, the network beside them has the names of one without experts.
        LayerPart::SharedGate => return ["ffn_gate_shexp", "ffn_gate"].map(of_layer).to_vec(),
        LayerPart::SharedUp => return ["ffn_up_shexp", "ffn_up"].map(of_layer).to_vec(),
        LayerPart::SharedDown => return ["ffn_down_shexp", "ffn_down"].map(of_layer).to_vec(),
        LayerPart::SharedRouter => "ffn_gate_inp_shexp",
        LayerPart::RouterNorm => return vec![format!("blk.{layer}.ffn_gate_inp.scale")],
        LayerPart::ExpertScales => return vec![format!("blk.{layer}.ffn_down_exps.scale")],
        LayerPart::ExpertsNorm => "pre_ffw_norm_2",
        LayerPart::AfterExpertsNorm => "post_ffw_norm_2",
        LayerPart::AfterSharedNorm => "post_ffw_norm_1",
        LayerPart::Mixed => "attn_qkv",
        LayerPart::MixedGate => "attn_gate",
        LayerPart::Rate => "ssm_beta",
        LayerPart::Decay => "ssm_alpha",
        LayerPart::DecayShift => return vec![format!("blk.{layer}.ssm_dt.bias")],
        LayerPart::Forgetting => return vec![format!("blk.{layer}.ssm_a")],
        LayerPart::Convolution => "ssm_conv1d",
        LayerPart::AnswerNorm => "ssm_norm",
        LayerPart::MixedOutput => "ssm_out",
        LayerPart::EmbeddingGate => "inp_gate",
        LayerPart::EmbeddingProjection => "proj",
        LayerPart::AfterEmbeddingNorm => "post_norm",
        LayerPart::Scale => "layer_output_scale",
    };
    vec![of_layer(name)]
}

/// The names that the architectures of transformers have for a part, the most usual first.
pub(super) fn folder_names(part: Part, kind: Kind) -> Vec<String> {
    let ending = ending(kind);
    let (layer, part) = match part {
        Part::Embedding => return vec![format!("embed_tokens{ending}")],
        Part::Norm => return vec![format!("norm{ending}")],
        Part::Head => return vec![format!("lm_head{ending}")],
        Part::LayerEmbedding => return vec![format!("embed_tokens_per_layer{ending}")],
        Part::LayerProjection => return vec![format!("per_layer_model_projection{ending}")],
        Part::LayerProjectionNorm => return vec![format!("per_layer_projection_norm{ending}")],
        Part::Layer(layer, part) => (layer, part),
    };
    let names: Vec<String> = match part {
        LayerPart::AttentionNorm => vec!["input_layernorm".to_owned()],
        LayerPart::Query => vec!["self_attn.q_proj".to_owned()],
        LayerPart::Key => vec!["self_attn.k_proj".to_owned()],
        LayerPart::Value => vec!["self_attn.v_proj".to_owned()],
        LayerPart::Output => vec!["self_attn.o_proj".to_owned()],
        LayerPart::QueryNorm => vec!["self_attn.q_norm".to_owned()],
        LayerPart::KeyNorm => vec!["self_attn.k_norm".to_owned()],
        LayerPart::AfterAttentionNorm => vec!["post_attention_layernorm".to_owned()],
        // Where attention is normalised afterwards, that norm has the name which this one has elsewhere.
        LayerPart::FeedForwardNorm => {
            vec!["pre_feedforward_layernorm".to_owned(), "post_attention_layernorm".to_owned()]
        }
        LayerPart::Gate => vec!["mlp.gate_proj".to_owned()],
        LayerPart::Up => vec!["mlp.up_proj".to_owned(), "mlp.c_fc".to_owned()],
        LayerPart::Down => vec!["mlp.down_proj".to_owned(), "mlp.c_proj".to_owned()],
        LayerPart::AfterFeedForwardNorm => vec!["post_feedforward_layernorm".to_owned()],
        LayerPart::Router => {
            vec!["mlp.gate".to_owned(), "block_sparse_moe.gate".to_owned(), "router.proj".to_owned()]
        }
        LayerPart::ExpertGate(expert) => {
            vec![format!("mlp.experts.{expert}.gate_proj"), format!("block_sparse_moe.experts.{expert}.w1")]
        }
        LayerPart::ExpertUp(expert) => {
            vec![format!("mlp.experts.{expert}.up_proj"), format!("block_sparse_moe.experts.{expert}.w3")]
        }
        LayerPart::ExpertDown(expert) => {
            vec![format!("mlp.experts.{expert}.down_proj"), format!("block_sparse_moe.experts.{expert}.w2")]
        }
        LayerPart::SharedGate => vec!["mlp.shared_expert.gate_proj".to_owned(), "mlp.gate_proj".to_owned()],
        LayerPart::SharedUp => vec!["mlp.shared_expert.up_proj".to_owned(), "mlp.up_proj".to_owned()],
        LayerPart::SharedDown => vec!["mlp.shared_expert.down_proj".to_owned(), "mlp.down_proj".to_owned()],
        LayerPart::SharedRouter => vec!["mlp.shared_expert_gate".to_owned()],
        LayerPart::Mixed => vec!["linear_attn.in_proj_qkv".to_owned()],
        LayerPart::MixedGate => vec!["linear_attn.in_proj_z".to_owned()],
        LayerPart::Rate => vec!["linear_attn.in_proj_b".to_owned()],
        LayerPart::Decay => vec!["linear_attn.in_proj_a".to_owned()],
        LayerPart::ExpertsNorm => vec!["pre_feedforward_layernorm_2".to_owned()],
        LayerPart::AfterExpertsNorm => vec!["post_feedforward_layernorm_2".to_owned()],
        LayerPart::AfterSharedNorm => vec!["post_feedforward_layernorm_1".to_owned()],
        // These are no weights of something, and do not end as such.
        LayerPart::RouterNorm => return vec![format!("layers.{layer}.router.scale")],
        LayerPart::ExpertScales => return vec![format!("layers.{layer}.router.per_expert_scale")],
        LayerPart::DecayShift => return vec![format!("layers.{layer}.linear_attn.dt_bias")],
        LayerPart::Forgetting => return vec![format!("layers.{layer}.linear_attn.A_log")],
        LayerPart::Scale => return vec![format!("layers.{layer}.layer_scalar")],
        LayerPart::Convolution => vec!["linear_attn.conv1d".to_owned()],
        LayerPart::AnswerNorm => vec!["linear_attn.norm".to_owned()],
        LayerPart::MixedOutput => vec!["linear_attn.out_proj".to_owned()],
        LayerPart::EmbeddingGate => vec!["per_layer_input_gate".to_owned()],
        LayerPart::EmbeddingProjection => vec!["per_layer_projection".to_owned()],
        LayerPart::AfterEmbeddingNorm => vec!["post_per_layer_input_norm".to_owned()],
    };
    names.into_iter().map(|name| format!("layers.{layer}.{name}{ending}")).collect()
}
