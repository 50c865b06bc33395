//! What questions name, and what a model would be asked.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambit_domain::port::LanguageModel;
use ambit_domain::{Attachment, Error, ErrorCode, Image, Memory, Mention, Result, SessionId, TurnId, is_attachment};
use ambit_orchestrator::{Named, preview, recall_query};
use ambit_recall::Names;

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
            earlier.truncate(place.ok_or_else(no_turn)?);
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
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let mut memories = self.inner.ports.memories.list(None).await?;
        memories.retain(|memory| {
            let said = memory.text.to_lowercase();
            words.iter().all(|word| said.contains(word))
        });
        memories.truncate(limit);
        let (names, text) = (self.names().await?, text.to_owned());
        let places = tokio::task::spawn_blocking(move || names.like(&text, limit)).await;
        Ok((places.map_err(|error| Error::internal(format!("the names could not be looked at: {error}")))?, memories))
    }

    /// The names of the files as they are, made anew when something has changed.
    async fn names(&self) -> Result<Arc<Names>> {
        let ports = &self.inner.ports;
        let mut known = self.inner.names.lock().await;
        let sequence = ports.documents.sequence().await?;
        if let Some((at, names)) = known.as_ref()
            && *at == sequence
        {
            return Ok(Arc::clone(names));
        }
        let mut files = ports.documents.paths().await?;
        // What cannot be written in a request cannot be named by one.
        files.retain(|path| !is_attachment(path) && path.to_str().is_some());
        let roots: Vec<PathBuf> = self.indexed_roots().await?.into_iter().map(|root| root.path).collect();
        let names = tokio::task::spawn_blocking(move || Arc::new(Names::new(files, &roots))).await;
        let names = names.map_err(|error| Error::internal(format!("the names could not be read: {error}")))?;
        *known = Some((sequence, Arc::clone(&names)));
        Ok(names)
    }

    /// Looks up what a question names.
    pub(super) async fn look_up(
        &self,
        mentions: Vec<Mention>,
        session: Option<&SessionId>,
        replaces: Option<&TurnId>,
        model: Option<&dyn LanguageModel>,
    ) -> Result<Named> {
        if mentions.len() > MOST_MENTIONS {
            return Err(Error::invalid(format!(
                "the question names {} things, {MOST_MENTIONS} are possible",
                mentions.len()
            ))
            .with_hint("name the folder that they lie in"));
        }
        let mut named = Named { given: self.handed_over(session, replaces).await?, ..Named::default() };
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
        let is_known = self.inner.ports.documents.document_at(&path).await?.is_some();
        if !is_known || is_attachment(&path) && !named.given.contains(&path) {
            let refusal = Error::not_found(format!("{} is not indexed", shown(&path)));
            return Err(refusal.with_hint("attach the file, or add its folder with `ambit index add`"));
        }
        add(&mut named.paths, path.clone());
        Ok(path)
    }

    async fn folder(&self, path: &Path, named: &mut Named) -> Result<PathBuf> {
        let path = canonical(path).await.unwrap_or_else(|_| path.to_path_buf());
        if is_attachment(&path)
            || self.inner.ports.documents.statuses(Some(path.clone()), None, None, 1).await?.is_empty()
        {
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
        let path = attachment.path();
        let Attachment { id, name, image, .. } = attachment;
        let is_image = image.is_some();
        add(&mut named.given, path.clone());
        match image {
            None => add(&mut named.paths, path),
            Some(format) => {
                add(&mut named.shown, path);
                takes_images(model, &name)?;
                let bytes = self.inner.ports.attachments.read(id.clone()).await?;
                named.images.push(Image { format, bytes });
                let size: usize = named.images.iter().map(|image| image.bytes.len()).sum();
                if size > MOST_IMAGE_BYTES {
                    let said =
                        format!("the images have {} MB together, {} are possible", size >> 20, MOST_IMAGE_BYTES >> 20);
                    return Err(Error::invalid(said).with_hint("show fewer or smaller ones"));
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

fn no_turn() -> Error {
    Error::not_found("there is no such turn in this session").with_hint("`ambit sessions show ID` shows its turns")
}

fn no_memory() -> Error {
    Error::not_found("there is no memory with this id").with_hint("`ambit memory list` shows the memories that exist")
}

fn no_attachment() -> Error {
    Error::not_found("the attached file is gone").with_hint("attach it again")
}
