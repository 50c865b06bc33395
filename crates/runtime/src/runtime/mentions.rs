//! What questions name, and what a model would be asked.

use std::path::{Path, PathBuf};

use ambit_domain::port::LanguageModel;
use ambit_domain::{Attachment, Error, ErrorCode, Image, Memory, Mention, Result, SessionId};
use ambit_orchestrator::{Named, preview, recall_query};
use ambit_recall::named_like;

use super::Runtime;
use super::folders::{canonical, shown};
use crate::{AskRequest, Caller, Preview};

/// Things that one question may name.
const MOST_MENTIONS: usize = 32;
/// Bytes of images that one question may show.
const MOST_IMAGE_BYTES: usize = 20 << 20;

impl Runtime {
    /// What a language model would be asked for a question, word for word, as things stand: nothing is stored and nothing
    /// leaves the machine.
    ///
    /// # Errors
    /// As for [`Self::ask`].
    pub async fn preview(&self, request: AskRequest, caller: &Caller) -> Result<Preview> {
        self.recorded(&caller.surface, "preview", self.preview_now(request, caller)).await
    }

    async fn preview_now(&self, request: AskRequest, caller: &Caller) -> Result<Preview> {
        let _waiting = self.inner.gate.raise();
        let replaces = request.replaces.clone();
        let session = request.session.clone();
        let (setup, model) = self.plan(request, caller).await?;
        let mut earlier = match session {
            Some(session) => self.session(session).await?.ok_or_else(no_session)?.1,
            None => Vec::new(),
        };
        if let Some(replaces) = replaces {
            let place = earlier.iter().position(|turn| turn.id == replaces);
            earlier.truncate(place.unwrap_or(earlier.len()));
        }
        let outcome = self.inner.recall.recall(recall_query(&setup, &earlier)).await?;
        let (request, held_back) = preview(setup, earlier, outcome);
        let reach = model.as_ref().map(|model| model.reach()).unwrap_or_default();
        let rehearsal = model.as_ref().zip(request.as_ref()).and_then(|(model, request)| model.rehearse(request));
        Ok(Preview { model: model.map(|model| model.model().to_owned()), reach, request, held_back, rehearsal })
    }

    /// What a question may name whose name is like a text, the best first: files and folders by their names, memories by what
    /// they say.
    ///
    /// # Errors
    /// What the stores say.
    pub async fn mentionable(&self, text: &str, limit: usize) -> Result<(Vec<Mention>, Vec<Memory>)> {
        let limit = limit.clamp(1, MOST_MENTIONS);
        let ports = &self.inner.ports;
        let attachments = ports.attachments.folder();
        let mut files = ports.documents.paths().await?;
        files.retain(|path| !path.starts_with(attachments));
        let roots: Vec<PathBuf> = self.indexed_roots().await?.into_iter().map(|root| root.path).collect();
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let mut memories = ports.memories.list(None).await?;
        memories.retain(|memory| {
            let said = memory.text.to_lowercase();
            words.iter().all(|word| said.contains(word))
        });
        memories.truncate(limit);
        Ok((named_like(text, &files, &roots, limit), memories))
    }

    /// Looks up what a question names.
    pub(super) async fn look_up(
        &self,
        mentions: Vec<Mention>,
        session: Option<&SessionId>,
        model: Option<&dyn LanguageModel>,
    ) -> Result<Named> {
        if mentions.len() > MOST_MENTIONS {
            return Err(Error::invalid(format!(
                "the question names {} things, {MOST_MENTIONS} are possible",
                mentions.len()
            ))
            .with_hint("name the folder that they lie in"));
        }
        let mut named = Named { given: self.handed_over(session).await?, ..Named::default() };
        for mention in mentions {
            let mention = match mention {
                Mention::File { path } => Mention::File { path: self.file(&path, &mut named).await? },
                Mention::Folder { path } => Mention::Folder { path: self.folder(&path, &mut named).await? },
                Mention::Memory { id } => {
                    let memory = self.inner.ports.memories.get(id).await?.ok_or_else(no_memory)?;
                    let id = memory.id.clone();
                    add(&mut named.memories, memory);
                    Mention::Memory { id }
                }
                Mention::Attachment { id, .. } => {
                    let attachment = self.inner.ports.attachments.get(id).await?.ok_or_else(no_attachment)?;
                    self.hand_over(attachment, &mut named, model).await?
                }
            };
            add(&mut named.mentions, mention);
        }
        Ok(named)
    }

    async fn file(&self, path: &Path, named: &mut Named) -> Result<PathBuf> {
        let path = canonical(path).await.unwrap_or_else(|_| path.to_path_buf());
        if self.inner.ports.documents.document_at(&path).await?.is_none() {
            let refusal = Error::not_found(format!("{} is not indexed", shown(&path)));
            return Err(refusal.with_hint("attach the file, or add its folder with `ambit index add`"));
        }
        add(&mut named.paths, path.clone());
        Ok(path)
    }

    async fn folder(&self, path: &Path, named: &mut Named) -> Result<PathBuf> {
        let path = canonical(path).await.unwrap_or_else(|_| path.to_path_buf());
        let is_ours = path.starts_with(self.inner.ports.attachments.folder());
        if is_ours || self.inner.ports.documents.statuses(Some(path.clone()), None, None, 1).await?.is_empty() {
            return Err(Error::not_found(format!("nothing in {} is indexed", shown(&path)))
                .with_hint("add the folder with `ambit index add`"));
        }
        add(&mut named.paths, path.clone());
        Ok(path)
    }

    async fn hand_over(
        &self,
        attachment: Attachment,
        named: &mut Named,
        model: Option<&dyn LanguageModel>,
    ) -> Result<Mention> {
        let Attachment { id, name, path, image, .. } = attachment;
        let is_image = image.is_some();
        match image {
            None => {
                add(&mut named.paths, path.clone());
                add(&mut named.given, path);
            }
            Some(format) => {
                takes_images(model, &name)?;
                let bytes = self.inner.ports.attachments.read(id.clone()).await?;
                named.images.push(Image { format, bytes });
                let size: usize = named.images.iter().map(|image| image.bytes.len()).sum();
                if size > MOST_IMAGE_BYTES {
                    return Err(Error::invalid(format!(
                        "the images have {} MB together, {} are possible",
                        size >> 20,
                        MOST_IMAGE_BYTES >> 20
                    )));
                }
            }
        }
        Ok(Mention::Attachment { id, name, is_image })
    }
}

fn takes_images(model: Option<&dyn LanguageModel>, name: &str) -> Result<()> {
    let hint = "choose a model that takes images for this conversation";
    match model {
        Some(model) if model.takes_images() => Ok(()),
        Some(model) => {
            Err(Error::invalid(format!("`{}` takes no images, so {name} cannot be shown to it", model.model()))
                .with_hint(hint))
        }
        None => Err(Error::new(
            ErrorCode::ModelMissing,
            format!("no language model is loaded that {name} could be shown to"),
        )
        .with_hint(hint)),
    }
}

fn add<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

fn no_session() -> Error {
    Error::not_found("there is no session with this id")
        .with_hint("`ambit sessions list` shows the sessions that exist")
}

fn no_memory() -> Error {
    Error::not_found("there is no memory with this id").with_hint("`ambit memory list` shows the memories that exist")
}

fn no_attachment() -> Error {
    Error::not_found("the attached file is gone").with_hint("attach it again")
}
