//! What tensors are called in the files of others.

use super::{Kind, LayerPart, Part};

/// The tensor of a layer that holds all experts' parts: its name, the expert's number, and which half of its rows.
pub(super) fn packed_name(part: Part) -> Option<(String, usize, Option<usize>)> {
    let Part::Layer(layer, part) = part else { return None };
    let (name, expert, half) = match part {
        LayerPart::ExpertGate(expert) => ("gate_up_proj", expert, Some(0)),
        LayerPart::ExpertUp(expert) => ("gate_up_proj", expert, Some(1)),
        LayerPart::ExpertDown(expert) => ("down_proj", expert, None),
        _ => return None,
    };
    Some((format!("layers.{layer}.experts.{name}"), expert, half))
}

/// How a name ends.
fn ending(kind: Kind) -> &'static str {
    match kind {
        Kind::Weight => ".weight",
        Kind::Bias => ".bias",
    }
}

/// The names in a GGUF file, and which part of the tensor along its first dimension.
pub(super) fn gguf_names(part: Part, kind: Kind) -> (Vec<String>, Option<usize>) {
    let ending = ending(kind);
    let (layer, part) = match part {
        Part::Embedding => return (vec![format!("token_embd{ending}")], None),
        Part::Norm => return (vec![format!("output_norm{ending}")], None),
        Part::Head => return (vec![format!("output{ending}")], None),
        Part::LayerEmbedding => return (vec![format!("per_layer_token_embd{ending}")], None),
        Part::LayerProjection => return (vec![format!("per_layer_model_proj{ending}")], None),
        Part::LayerProjectionNorm => return (vec![format!("per_layer_proj_norm{ending}")], None),
        Part::Layer(layer, part) => (layer, part),
    };
    let (name, expert) = match part {
        LayerPart::AttentionNorm => ("attn_norm", None),
        LayerPart::Query => ("attn_q", None),
        LayerPart::Key => ("attn_k", None),
        LayerPart::Value => ("attn_v", None),
        LayerPart::Output => ("attn_output", None),
        LayerPart::QueryNorm => ("attn_q_norm", None),
        LayerPart::KeyNorm => ("attn_k_norm", None),
        LayerPart::AfterAttentionNorm => ("post_attention_norm", None),
        // Where there is no norm after attention, this one may have its name.
        LayerPart::FeedForwardNorm => {
            let names = ["ffn_norm", "post_attention_norm"].map(|name| format!("blk.{layer}.{name}{ending}"));
            return (names.to_vec(), None);
        }
        LayerPart::Gate => ("ffn_gate", None),
        LayerPart::Up => ("ffn_up", None),
        LayerPart::Down => ("ffn_down", None),
        LayerPart::AfterFeedForwardNorm => ("post_ffw_norm", None),
        LayerPart::Router => ("ffn_gate_inp", None),
        LayerPart::ExpertGate(expert) => ("ffn_gate_exps", Some(expert)),
        LayerPart::ExpertUp(expert) => ("ffn_up_exps", Some(expert)),
        LayerPart::ExpertDown(expert) => ("ffn_down_exps", Some(expert)),
        LayerPart::SharedGate => ("ffn_gate_shexp", None),
        LayerPart::SharedUp => ("ffn_up_shexp", None),
        LayerPart::SharedDown => ("ffn_down_shexp", None),
        LayerPart::SharedRouter => ("ffn_gate_inp_shexp", None),
        LayerPart::RouterNorm => return (vec![format!("blk.{layer}.ffn_gate_inp.scale")], None),
        LayerPart::ExpertScales => return (vec![format!("blk.{layer}.ffn_down_exps.scale")], None),
        LayerPart::ExpertsNorm => ("pre_ffw_norm_2", None),
        LayerPart::AfterExpertsNorm => ("post_ffw_norm_2", None),
        LayerPart::AfterSharedNorm => ("post_ffw_norm_1", None),
        LayerPart::Mixed => ("attn_qkv", None),
        LayerPart::MixedGate => ("attn_gate", None),
        LayerPart::Rate => ("ssm_beta", None),
        LayerPart::Decay => ("ssm_alpha", None),
        LayerPart::DecayShift => return (vec![format!("blk.{layer}.ssm_dt.bias")], None),
        LayerPart::Forgetting => return (vec![format!("blk.{layer}.ssm_a")], None),
        LayerPart::Convolution => ("ssm_conv1d", None),
        LayerPart::AnswerNorm => ("ssm_norm", None),
        LayerPart::MixedOutput => ("ssm_out", None),
        LayerPart::EmbeddingGate => ("inp_gate", None),
        LayerPart::EmbeddingProjection => ("proj", None),
        LayerPart::AfterEmbeddingNorm => ("post_norm", None),
        LayerPart::Scale => ("layer_output_scale", None),
    };
    (vec![format!("blk.{layer}.{name}{ending}")], expert)
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
