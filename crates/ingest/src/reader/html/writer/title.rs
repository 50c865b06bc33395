use super::Writer;

impl Writer<'_> {
    /// The page's title without the name of the site.
    pub(super) fn set_title(&mut self) {
        let title = self.title.take().map(|title| title.split_whitespace().collect::<Vec<_>>().join(" "));
        let headings = &self.draft.outline.headings;
        let first = headings.first().map(|heading| heading.text.clone());
        if self.draft.title.is_some() {
            return;
        }
        self.draft.title = match title.filter(|title| !title.is_empty()) {
            Some(title) => Some(without_site(&title, self.site.as_deref(), first.as_deref())),
            None => headings.iter().find(|heading| heading.level == 1).map(|heading| heading.text.clone()),
        };
    }
}

/// `What is Ownership? - The Rust Programming Language` is `What is Ownership?`.
fn without_site(title: &str, site: Option<&str>, heading: Option<&str>) -> String {
    let separators = [" | ", " - ", " – ", " — ", " · ", " :: ", " » "];
    let cuts = || separators.iter().filter_map(|separator| title.rfind(separator).map(|at| (at, separator.len())));
    // A heading that is the beginning of the title says where the page's own name ends.
    if let Some(heading) = heading
        && title.get(..heading.len()).is_some_and(|start| start.eq_ignore_ascii_case(heading))
        && separators.iter().any(|separator| title.get(heading.len()..).is_some_and(|rest| rest.starts_with(separator)))
    {
        return heading.to_owned();
    }
    if let Some(site) = site
        && let Some((at, _)) = cuts().find(|(at, length)| title.get(at + length..) == Some(site))
    {
        return title.get(..at).unwrap_or(title).to_owned();
    }
    match cuts().map(|(at, _)| at).max() {
        Some(at) if at > 0 => title.get(..at).unwrap_or(title).to_owned(),
        _ => title.to_owned(),
    }
}
