//! How suggestions in editors fared.

use ambit_protocol as wire;
use ambit_protocol::domain::port;
use ambit_runtime as runtime;

pub(crate) fn completion_stats(stats: runtime::CompletionStats) -> wire::CompletionStats {
    let runtime::CompletionStats { languages, examples, trained, learns, gates } = stats;
    let total = languages.iter().fold(wire::SuggestionCounts::default(), sum);
    let language = |counts: port::SuggestionCounts| wire::LanguageSuggestions {
        counts: with_rate(sum(wire::SuggestionCounts::default(), &counts)),
        language: counts.language,
    };
    wire::CompletionStats {
        total: with_rate(total),
        languages: languages.into_iter().map(language).collect(),
        is_prior: trained.is_none(),
        examples,
        trained_at: trained.map(|at| at.0),
        learns,
        gates,
    }
}

fn sum(one: wire::SuggestionCounts, more: &port::SuggestionCounts) -> wire::SuggestionCounts {
    wire::SuggestionCounts {
        shown: one.shown + more.accepted + more.partly_accepted + more.rejected + more.ignored,
        accepted: one.accepted + more.accepted,
        partly_accepted: one.partly_accepted + more.partly_accepted,
        rejected: one.rejected + more.rejected,
        ignored: one.ignored + more.ignored,
        retained: one.retained + more.retained,
        changed: one.changed + more.changed,
        silenced: one.silenced + more.silenced,
        acceptance_rate: None,
    }
}

fn with_rate(counts: wire::SuggestionCounts) -> wire::SuggestionCounts {
    let taken = (counts.accepted + counts.partly_accepted) as f64;
    let acceptance_rate = (counts.shown > 0).then(|| taken / counts.shown as f64);
    wire::SuggestionCounts { acceptance_rate, ..counts }
}
