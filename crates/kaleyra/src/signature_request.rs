//! Electronic signatures: envelopes, templates, and automatic signatures (contract §6.8). The fields of none are documented, so what
//! comes is handed on as it is, and what is sent is the caller's.

use serde_json::Value;

use crate::{
    Client, EnvelopeId, Error, Form, Malformed, Page, PageRequest, RoomId, SignatureTemplateId,
    answer::{FromAnswer, Object},
    operation as op,
};

/// A sign envelope or a signature template.
#[derive(Clone, PartialEq)]
pub struct SignatureRecord {
    /// Its id.
    pub id: String,
    /// All that the service says about it, its id included.
    pub fields: Value,
}

impl std::fmt::Debug for SignatureRecord {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "SignatureRecord({:?})", self.id)
    }
}

impl FromAnswer for SignatureRecord {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let id = Object::of(answer, "answer")?.id(&["id", "envelope_id", "template_id", "provider_id"])?;
        Ok(SignatureRecord { id, fields: answer.clone() })
    }
}

impl Client {
    /// Lists sign envelopes (contract §5). v2 only.
    pub async fn envelopes(&self, page: PageRequest) -> Result<Page<SignatureRecord>, Error> {
        self.call(op::LIST_ENVELOPES, &[])?.page(page).read(|answer| Page::read(answer, &["envelopes"])).await
    }

    /// Lists the sign envelopes of a room (contract §7.3). v1 only.
    pub async fn envelopes_of_room(&self, room: &RoomId, page: PageRequest) -> Result<Page<SignatureRecord>, Error> {
        self.call(op::LIST_ENVELOPES_OF_ROOM, &[room.as_str()])?
            .page(page)
            .read(|answer| Page::read(answer, &["envelopes"]))
            .await
    }

    /// Returns a sign envelope (contract §5). v2 only.
    pub async fn envelope(&self, envelope: &EnvelopeId) -> Result<SignatureRecord, Error> {
        self.call(op::GET_ENVELOPE, &[envelope.as_str()])?.answer().await
    }

    /// Lists signature templates (contract §5). v2 only.
    pub async fn signature_templates(&self, page: PageRequest) -> Result<Page<SignatureRecord>, Error> {
        self.call(op::LIST_SIGNATURE_TEMPLATES, &[])?
            .page(page)
            .read(|answer| Page::read(answer, &["signature_templates", "templates"]))
            .await
    }

    /// Creates a signature template from the caller's fields (contract §5). v2 only.
    pub async fn create_signature_template(&self, fields: &Value) -> Result<SignatureRecord, Error> {
        self.call(op::CREATE_SIGNATURE_TEMPLATE, &[])?.json(fields)?.answer().await
    }

    /// Returns a signature template (contract §5). v2 only.
    pub async fn signature_template(&self, template: &SignatureTemplateId) -> Result<SignatureRecord, Error> {
        self.call(op::GET_SIGNATURE_TEMPLATE, &[template.as_str()])?.answer().await
    }

    /// Changes a signature template (contract §5). v2 only.
    pub async fn update_signature_template(&self, template: &SignatureTemplateId, fields: &Value) -> Result<(), Error> {
        self.call(op::UPDATE_SIGNATURE_TEMPLATE, &[template.as_str()])?.json(fields)?.done().await
    }

    /// Deletes a signature template (contract §5). v2 only.
    pub async fn delete_signature_template(&self, template: &SignatureTemplateId) -> Result<(), Error> {
        self.call(op::DELETE_SIGNATURE_TEMPLATE, &[template.as_str()])?.done().await
    }

    /// Asks for an automatic signature, with the caller's form (contract §6.8), and returns the service's `provider_id`. The result
    /// comes later, with the webhook event `on_signature_enveloped_inserted`. v2 only.
    pub async fn create_signature(&self, form: &Form) -> Result<String, Error> {
        let provider_id = |answer: &Value| Object::of(answer, "answer")?.id(&["provider_id"]);
        self.call(op::CREATE_SIGNATURE, &[])?.form(form).read(provider_id).await
    }
}
