//! What a question is about, and what a model would be asked.

use std::path::Path;

use ambit_client::Client;
use ambit_protocol::{AskPreview, Mention, NewAttachment};
use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::Outcome;
use crate::arguments::About;
use crate::output::{Output, Style, bytes, note};

/// How a memory is named.
const MEMORY: &str = "memory:";
/// The largest file that is handed over: in base64 it must fit a request.
const LARGEST_FILE: u64 = 35 << 20;

/// Names what the question is about; files are handed over.
pub(crate) async fn of(client: &Client, about: &About) -> Result<Vec<Mention>> {
    let mut mentions = Vec::new();
    for named in &about.about {
        mentions.push(match named.strip_prefix(MEMORY) {
            Some(id) => Mention::Memory { id: id.to_owned() },
            None => place(Path::new(named))?,
        });
    }
    for file in &about.attach {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
        let Some(name) = name else { bail!("{} is no file", file.display()) };
        let size = file.metadata().with_context(|| format!("{} cannot be read", file.display()))?.len();
        if size > LARGEST_FILE {
            let limit = bytes(LARGEST_FILE);
            bail!("{} has {}, and {limit} are possible; index its folder instead", file.display(), bytes(size));
        }
        let content = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let attachment = client.attach(&NewAttachment { name, content: STANDARD.encode(content) }).await?;
        let is_image = attachment.image.is_some();
        mentions.push(Mention::Attachment { id: attachment.id, name: attachment.name, is_image });
    }
    Ok(mentions)
}

/// Takes back what was handed over and is not asked about.
pub(crate) async fn take_back(client: &Client, about: &[Mention]) {
    for mention in about {
        if let Mention::Attachment { id, .. } = mention {
            // What a question names by now is held by its session; anything else goes within a day.
            client.detach(id).await.ok();
        }
    }
}

fn place(path: &Path) -> Result<Mention> {
    let absolute = path.canonicalize().or_else(|_| std::path::absolute(path))?;
    let path = absolute.to_string_lossy().into_owned();
    Ok(if absolute.is_dir() { Mention::Folder { path } } else { Mention::File { path } })
}

/// Shows what a model would be asked.
pub(crate) fn show(output: Output, preview: &AskPreview) -> Result<Outcome> {
    if output.json {
        output.value(preview)?;
        return Ok(Outcome::Done);
    }
    for message in &preview.messages {
        output.line(output.paint(Style::Strong, &format!("{}:", message.role)))?;
        output.line(&message.text)?;
        output.line("")?;
    }
    let Some(model) = &preview.model else {
        note("No language model is loaded: the answer would be quoted from your files.");
        return Ok(Outcome::Done);
    };
    if preview.messages.is_empty() {
        note(format!("`{model}` would be asked nothing: nothing was found that it may be told."));
    }
    let images = match preview.images {
        0 => String::new(),
        1 => ", 1 image".to_owned(),
        several => format!(", {several} images"),
    };
    match (&preview.provider, preview.bytes) {
        (Some(provider), Some(size)) => note(format!(
            "{} would be sent to {provider}, with {} of your passages{images}; {} would be held back.",
            bytes(size),
            preview.passages,
            preview.held_back
        )),
        (Some(provider), None) => note(format!("Nothing would be sent to {provider}.")),
        (None, _) => note(format!("`{model}` runs on this machine{images}: nothing would leave it.")),
    }
    if let Some(problem) = &preview.objection {
        note(format!("It would not be sent: {}", problem.detail));
        if let Some(hint) = &problem.hint {
            note(hint);
        }
    }
    Ok(Outcome::Done)
}
