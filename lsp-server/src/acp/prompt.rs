//! A prompt as the host takes it: a question in words, and what it is about.
//!
//! What a prompt mentions is named to the host where it is indexed, and handed over where it is not, or where the editor has
//! another text of it than the disk: what was handed over is found in this conversation and in no other.

use std::path::Path;

use agent_client_protocol::Result;
use agent_client_protocol::v1::schema::{
    BlobResourceContents, ContentBlock, EmbeddedResourceResource, ImageContent, ResourceLink, TextResourceContents,
};
use ambit_client::{Client, StatusQuery};
use ambit_protocol::{DocumentState, Mention, NewAttachment};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::failure::{impossible, refused};
use super::links::{Given, Named, plain};

/// The largest file that is handed over: in base64 it must fit a request.
const LARGEST_FILE: u64 = 35 << 20;

/// A question.
#[derive(Debug, Default)]
pub(crate) struct Question {
    /// Its words, with `@` before the names of what it mentions.
    pub(crate) text: String,
    pub(crate) about: Vec<Mention>,
    /// Where what was handed over is from, by the paths that the host gave it.
    pub(crate) given: Vec<(String, Given)>,
}

/// Makes a question of the blocks of a prompt.
pub(crate) async fn compose(client: &Client, blocks: Vec<ContentBlock>) -> Result<Question> {
    let mut question = Question::default();
    for block in blocks {
        if let Err(error) = question.add(client, block).await {
            question.take_back(client).await;
            return Err(error);
        }
    }
    Ok(question)
}

impl Question {
    async fn add(&mut self, client: &Client, block: ContentBlock) -> Result<()> {
        match block {
            ContentBlock::Text(said) => {
                if self.text.ends_with(char::is_alphanumeric) && said.text.starts_with(char::is_alphanumeric) {
                    self.text.push(' ');
                }
                self.text.push_str(&said.text);
                Ok(())
            }
            ContentBlock::ResourceLink(link) => self.refer(client, link).await,
            ContentBlock::Resource(embedded) => match embedded.resource {
                EmbeddedResourceResource::TextResourceContents(text) => self.embed(client, text).await,
                EmbeddedResourceResource::BlobResourceContents(blob) => self.embed_bytes(client, blob).await,
                _ => Err(unknown()),
            },
            ContentBlock::Image(image) => self.show(client, image).await,
            ContentBlock::Audio(_) => Err(impossible("Ambit cannot listen to sound; write what is said in it")),
            _ => Err(unknown()),
        }
    }

    /// What is only named.
    async fn refer(&mut self, client: &Client, link: ResourceLink) -> Result<()> {
        let Some(named) = Named::read(&link.uri) else {
            // Nothing is fetched from elsewhere, so its address is all that is known of it.
            self.text.push_str(&format!("{}[{}]({})", self.gap(), plain(&link.name), link.uri));
            return Ok(());
        };
        let path = written(&named.path)?;
        let name = self.mention(&named.path, &link.uri);
        if named.path.is_dir() {
            self.about.push(Mention::Folder { path });
            return Ok(());
        }
        if named.lines.is_none() && is_indexed(client, &path).await? {
            self.about.push(Mention::File { path });
            return Ok(());
        }
        let bytes = read(&named.path)?;
        let (bytes, first_line) = match named.lines {
            None => (bytes, 1),
            Some((first, last)) => (between(&bytes, first, last), first),
        };
        let given = Given { file: Some(named.path), first_line };
        self.hand_over(client, name, STANDARD.encode(bytes), Some(given)).await
    }

    /// A text that came with the prompt.
    async fn embed(&mut self, client: &Client, content: TextResourceContents) -> Result<()> {
        let TextResourceContents { text, uri, .. } = content;
        let named = Named::read(&uri);
        let mut name = self.mention(named.as_ref().map_or(Path::new(""), |named| &named.path), &uri);
        if text.trim().is_empty() {
            return Ok(());
        }
        if let Some(Named { path, lines: None }) = &named
            && std::fs::read(path).is_ok_and(|saved| saved == text.as_bytes())
        {
            let path = written(path)?;
            if is_indexed(client, &path).await? {
                self.about.push(Mention::File { path });
                return Ok(());
            }
        }
        // By its ending the host knows how to read it.
        if named.is_none() && Path::new(&name).extension().is_none() {
            name.push_str(".md");
        }
        let first_line = named.as_ref().and_then(|named| named.lines).map_or(1, |(first, _)| first);
        let given = Given { file: named.map(|named| named.path), first_line };
        self.hand_over(client, name, STANDARD.encode(text), Some(given)).await
    }

    /// A file that came with the prompt.
    async fn embed_bytes(&mut self, client: &Client, content: BlobResourceContents) -> Result<()> {
        let named = Named::read(&content.uri);
        let name = self.mention(named.as_ref().map_or(Path::new(""), |named| &named.path), &content.uri);
        let given = Given { file: named.map(|named| named.path), first_line: 1 };
        self.hand_over(client, name, content.blob, Some(given)).await
    }

    async fn show(&mut self, client: &Client, image: ImageContent) -> Result<()> {
        let uri = image.uri.unwrap_or_default();
        let ending = image.mime_type.rsplit('/').next().unwrap_or("png");
        let named = Named::read(&uri).and_then(|named| Some(named.path.file_name()?.to_string_lossy().into_owned()));
        let name = named.unwrap_or_else(|| format!("image.{ending}"));
        self.hand_over(client, name, image.data, None).await
    }

    async fn hand_over(&mut self, client: &Client, name: String, content: String, given: Option<Given>) -> Result<()> {
        let kept = client.attach(&NewAttachment { name, content }).await.map_err(|error| refused(&error))?;
        self.given.extend(given.map(|given| (kept.path, given)));
        self.about.push(Mention::Attachment { id: kept.id, name: kept.name, is_image: kept.image.is_some() });
        Ok(())
    }

    /// Takes back what was handed over and is not asked about.
    pub(crate) async fn take_back(&self, client: &Client) {
        for mention in &self.about {
            if let Mention::Attachment { id, .. } = mention {
                // What a question names by now is held by its session; anything else goes within a day.
                client.detach(id).await.ok();
            }
        }
    }

    /// Puts the name of something into the words, and gives it.
    fn mention(&mut self, path: &Path, uri: &str) -> String {
        let address = uri.split(['?', '#']).next().unwrap_or_default();
        let last = || address.rsplit('/').find(|part| !part.is_empty()).map(str::to_owned);
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).or_else(last);
        let name = name.unwrap_or_else(|| "file".to_owned());
        self.text.push_str(&format!("{}@{name}", self.gap()));
        name
    }

    /// What parts a name from the words before it.
    fn gap(&self) -> &'static str {
        if self.text.is_empty() || self.text.ends_with(char::is_whitespace) { "" } else { " " }
    }
}

async fn is_indexed(client: &Client, path: &str) -> Result<bool> {
    let path = Path::new(path).canonicalize().ok().and_then(|path| path.to_str().map(str::to_owned));
    let Some(path) = path else { return Ok(false) };
    let query =
        StatusQuery { below: Some(path.clone()), state: Some(DocumentState::Indexed), limit: Some(1), after: None };
    let known = client.index_status(&query).await.map_err(|error| refused(&error))?;
    Ok(known.files.iter().any(|file| file.path == path))
}

fn written(path: &Path) -> Result<String> {
    let text = path.to_str().map(str::to_owned);
    text.ok_or_else(|| impossible(format!("the name of {} cannot be written; rename it", path.display())))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let unread = |error: std::io::Error| impossible(format!("{} cannot be read: {error}", path.display()));
    let size = path.metadata().map_err(unread)?.len();
    if size > LARGEST_FILE {
        let text = format!("{} has {} MB, {} are possible", path.display(), size >> 20, LARGEST_FILE >> 20);
        return Err(impossible(format!("{text}; index its folder instead, with `ambit index add`")));
    }
    std::fs::read(path).map_err(unread)
}

/// Lines of a text, counted from 1.
fn between(bytes: &[u8], first: u32, last: u32) -> Vec<u8> {
    let (first, last) = (first as usize, last as usize);
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').skip(first - 1).take(last - first + 1);
    lines.flatten().copied().collect()
}

fn unknown() -> agent_client_protocol::Error {
    impossible("Ambit takes text, files, folders and images; this is something else")
}

#[cfg(test)]
mod tests {
    use super::between;

    #[test]
    fn lines_are_cut_out() {
        let text = b"one\ntwo\r\nthree";
        assert_eq!(between(text, 1, 1), b"one\n");
        assert_eq!(between(text, 2, 9), b"two\r\nthree");
        assert_eq!(between(text, 4, 5), b"");
    }
}
