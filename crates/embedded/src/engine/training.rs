use ambit_domain::port::{Classifier, Training};
use ambit_domain::{BoxFuture, Error, ErrorCode, Result};

use super::Engine;

impl Classifier for Engine {
    fn train(&self, training: Training) -> BoxFuture<'_, Result<Vec<f32>>> {
        Box::pin(async move {
            let worker = self.worker_off_thread(false).await?;
            let ended = || {
                Error::new(ErrorCode::Unavailable, "the engine worker ended while it learnt")
                    .with_hint("it is started anew with the next suggestions; `ambit log --level warn` tells more")
            };
            let answer = worker.train(training).map_err(|_| ended())?.await;
            self.touch();
            match answer {
                Ok(Ok(learnt)) => learnt,
                Ok(Err(_)) | Err(_) => Err(ended()),
            }
        })
    }
}
