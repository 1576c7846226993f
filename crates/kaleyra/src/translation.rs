//! A company's own texts for the call pages (contract §12.4). The format of the file is not documented. v2 only.

use serde_json::Value;

use crate::{Client, Error, File, Form, Language, operation as op};

impl Client {
    /// Returns the company's texts, as the service gives them (contract §12.4). v2 only.
    pub async fn translations(&self) -> Result<Value, Error> {
        self.call(op::GET_TRANSLATIONS, &[])?.answer().await
    }

    /// Sets the company's texts in one language (contract §12.4). v2 only.
    pub async fn update_translation(&self, language: &Language, texts: File) -> Result<(), Error> {
        let form = Form::default().file("translation", texts);
        self.call(op::UPDATE_TRANSLATION, &[language.as_str()])?.form(&form).done().await
    }

    /// Deletes the company's texts in one language (contract §12.4). v2 only.
    pub async fn delete_translation(&self, language: &Language) -> Result<(), Error> {
        self.call(op::DELETE_TRANSLATION, &[language.as_str()])?.done().await
    }
}
