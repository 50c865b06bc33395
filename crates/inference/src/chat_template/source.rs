//! The text of templates.

/// Turns `{% generation %}`, with which templates mark what a model is trained on, into a tag without a meaning but with
/// the same scope and white space: `{% with %}`.
pub(super) fn without_training_tags(template: &str) -> String {
    let mut result = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find("{%") {
        let (before, tag) = rest.split_at(start + 2);
        result.push_str(before);
        rest = tag;
        let inner = tag.strip_prefix(['-', '+']).unwrap_or(tag);
        let word = inner.trim_start();
        let replaced = [("generation", "with"), ("endgeneration", "endwith")].into_iter().find_map(|(from, to)| {
            let after = word.strip_prefix(from)?;
            let end = after.trim_start();
            end.strip_prefix(['-', '+']).unwrap_or(end).starts_with("%}").then_some((to, after))
        });
        if let Some((to, after)) = replaced {
            result.push_str(&tag[..tag.len() - word.len()]);
            result.push_str(to);
            rest = after;
        }
    }
    result.push_str(rest);
    result
}
